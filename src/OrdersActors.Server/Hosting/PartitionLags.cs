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
    private Task<IReadOnlyList<PartitionState>>? _last;
    private long _readAt;

    /// <summary>Returns the partitions by number; none if the log has not answered in time. Does not fail.</summary>
    public Task<IReadOnlyList<PartitionState>> ReadAsync()
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

    private async Task<IReadOnlyList<PartitionState>> ReadAllAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        try
        {
            var lags = new List<PartitionState>();
            for (var partition = 0; partition < log.PartitionCount; partition++)
            {
                lags.Add(await log.GetStateAsync(partition, timeout.Token).WaitAsync(timeout.Token));
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
