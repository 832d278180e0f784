using OrdersActors.Storage;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Reads how far each partition of the log has been delivered. A result is used for <see cref="MaxAge"/>, and only one
/// read is in progress, so that requests cannot load the log. Thread-safe.
/// </summary>
internal sealed class PartitionLags(IEventLog log, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<IReadOnlyList<PartitionDelivery>>? _last;
    private long _readAt;

    /// <summary>Returns the partitions by number; none if the log has not answered in time. Does not fail.</summary>
    public Task<IReadOnlyList<PartitionDelivery>> ReadAsync()
    {
        lock (_lock)
        {
            if (_last is null || (_last.IsCompleted && time.GetElapsedTime(_readAt) >= MaxAge))
            {
                _readAt = time.GetTimestamp();
                _last = Task.Run(ReadAllAsync);
            }

            return _last;
        }
    }

    private async Task<IReadOnlyList<PartitionDelivery>> ReadAllAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        try
        {
            var lags = new List<PartitionDelivery>();
            for (var partition = 0; partition < log.PartitionCount; partition++)
            {
                var (checkpoint, newest) = await log.GetProgressAsync(partition, timeout.Token)
                    .WaitAsync(timeout.Token);
                lags.Add(new PartitionDelivery(partition, checkpoint, newest));
            }

            return lags;
        }
        catch (Exception e) when (e is EventLogUnavailableException or OperationCanceledException)
        {
            // The check of the log reports that it does not answer.
            return [];
        }
    }
}

/// <summary>How far a partition has been delivered (<see cref="PartitionProgress"/>).</summary>
internal readonly record struct PartitionDelivery(int Partition, long Checkpoint, long Newest)
{
    /// <summary>The positions that have not been delivered, as of the last checkpoint.</summary>
    public long Lag => Math.Max(0, Newest - Checkpoint);
}
