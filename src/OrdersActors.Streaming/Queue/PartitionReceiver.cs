using Microsoft.Extensions.Logging;
using OrdersActors.Storage;
using OrdersActors.Streaming.Batches;
using Orleans.Streams;

namespace OrdersActors.Streaming.Queue;

/// <summary>
/// Reads one partition of the log for a pulling agent.
/// </summary>
/// <remarks>
/// <code>
///   checkpoint ──► read past it ──► group by organization ──► agent's cache ──► grains
///       ▲                │ empty: await the log's signal
///       └── delivered ───┘
/// </code>
/// <list type="number">
/// <item>The first read starts at the stored checkpoint. Events that were delivered after it are delivered
/// again.</item>
/// <item>If a read finds no events, the receiver awaits the log's signal, at most for one long poll.</item>
/// <item>Events are grouped so that an organization's grain is called once per read, not once per event. A group of
/// more than about 1 MiB is split.</item>
/// <item>Batches that the cache purged have been delivered. The checkpoint follows them, at most once per
/// interval.</item>
/// <item>When the log begins a new epoch, positions have a new meaning. The receiver starts again at the stored
/// checkpoint. Batches of the old epoch that are still in the cache no longer move the checkpoint. Places in the cache
/// stay ascending, because cursors only move forward.</item>
/// </list>
/// <para>While the log cannot be read, the receiver logs this once and retries every second.</para>
/// <b>Threads.</b> The agent calls from its own scheduler, one method at a time, and cancels a wait when it shuts down.
/// Continuations may run on other threads, but each call awaits the one before. So the fields need no fence.
/// </remarks>
internal sealed partial class PartitionReceiver(
    int partition, IEventLog log, OrderStreamOptions options, TimeProvider time, ILogger<PartitionReceiver> logger)
    : IQueueAdapterReceiver
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);
    private static readonly IList<IBatchContainer> NoBatches = [];

    private string? _epoch;

    // The place of an event in the agent's cache is its position in the partition plus this offset.
    private long _offset;
    private long _lastPlace;
    private long? _position;
    private long _delivered;
    private long _saved;
    private long _savedAt = time.GetTimestamp();
    private bool _unavailable;
    private bool _isSavingFailing;

    // Step 1 is left to the first read: Orleans calls Initialize only once and continues even if it failed.
    public Task Initialize(TimeSpan timeout) => Task.CompletedTask;

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) =>
        GetQueueMessagesAsync(maxCount, CancellationToken.None);

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        try
        {
            // Read the epoch first: if it changes during the reads, the next call starts again.
            FollowEpoch();
            _position ??= _saved = _delivered = await log.GetCheckpointAsync(partition, cancellationToken);
            var entries = await ReadAsync(maxCount, cancellationToken);
            if (_unavailable)
            {
                _unavailable = false;
                LogAvailableAgain(partition);
            }

            return entries.Count == 0 ? NoBatches : Group(entries);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return NoBatches;
        }
        catch (EventLogUnavailableException e)
        {
            if (!_unavailable)
            {
                _unavailable = true;
                LogUnavailable(partition, e.Message);
            }

            await Task.Delay(RetryInterval, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return NoBatches;
        }
    }

    // Step 4.
    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) =>
        MessagesDeliveredAsync(messages, CancellationToken.None);

    public async Task MessagesDeliveredAsync(IList<IBatchContainer> messages, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
        {
            var batch = (OrganizationBatch)message;
            if (batch.Epoch == _epoch)
            {
                _delivered = Math.Max(_delivered, batch.DeliveredThrough);
            }
        }

        if (time.GetElapsedTime(_savedAt) >= options.CheckpointInterval)
        {
            await SaveCheckpointAsync(cancellationToken);
        }
    }

    public async Task Shutdown(TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        await SaveCheckpointAsync(deadline.Token);
    }

    // Step 2.
    private async Task<IReadOnlyList<PartitionEntry>> ReadAsync(int maxCount, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(maxCount, 1, options.ReadLimit);
        var entries = await log.ReadPartitionAsync(partition, _position!.Value, limit, cancellationToken);
        if (entries.Count > 0)
        {
            return entries;
        }

        // The agent reports the batches that it delivered during this wait only at its next purge, so the wait needs a
        // timeout.
        using var poll = new CancellationTokenSource(options.LongPoll, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, cancellationToken);
        try
        {
            await log.WaitForEventsAsync(partition, _position.Value, either.Token);
        }
        catch (OperationCanceledException) when (poll.IsCancellationRequested)
        {
            return [];
        }

        // A new epoch also ends the wait. This receiver's position has no meaning in it.
        return log.Epoch == _epoch
            ? await log.ReadPartitionAsync(partition, _position.Value, limit, cancellationToken)
            : [];
    }

    // Step 3.
    private List<IBatchContainer> Group(IReadOnlyList<PartitionEntry> entries)
    {
        _position = entries[^1].Position;
        _lastPlace = _offset + entries[^1].Position;
        var batches = BatchBuilder.Group(entries, _offset, _epoch!);
        if (EventStages.AreCollected)
        {
            foreach (var batch in batches.Cast<OrganizationBatch>())
            {
                batch.Batch.CommittedAt = log.FindCommitTimestamp(partition, batch.Position - _offset);
            }
        }

        return batches;
    }

    // Step 5.
    private void FollowEpoch()
    {
        var epoch = log.Epoch;
        if (epoch == _epoch)
        {
            return;
        }

        if (_epoch is not null)
        {
            LogEpochChanged(partition, _epoch, epoch);
        }

        _epoch = epoch;
        _position = null;
        _saved = _delivered = 0;
        _offset = _lastPlace;
    }

    private async Task SaveCheckpointAsync(CancellationToken cancellationToken)
    {
        _savedAt = time.GetTimestamp();
        if (_delivered <= _saved)
        {
            return;
        }

        try
        {
            await log.SaveCheckpointAsync(partition, _delivered, _epoch!, cancellationToken);
            _saved = _delivered;
            _isSavingFailing = false;
        }
        catch (Exception e) when (e is EventLogUnavailableException or OperationCanceledException)
        {
            // Logged only once: the save is retried at every interval while events flow.
            if (!_isSavingFailing)
            {
                _isSavingFailing = true;
                LogCheckpointNotSaved(partition, _saved, e.Message);
            }
        }
    }

    [LoggerMessage(1100, LogLevel.Warning,
        "Partition {Partition} of the event log cannot be read: {Reason}. Retrying every second")]
    private partial void LogUnavailable(int partition, string reason);

    [LoggerMessage(1101, LogLevel.Information, "Partition {Partition} of the event log can be read again")]
    private partial void LogAvailableAgain(int partition);

    [LoggerMessage(1103, LogLevel.Warning,
        "The epoch of the event log changed from {Old} to {New}. Delivery of partition {Partition} restarts at the " +
        "stored checkpoint")]
    private partial void LogEpochChanged(int partition, string old, string @new);

    [LoggerMessage(1102, LogLevel.Warning,
        "The checkpoint of partition {Partition} was not saved: {Reason}. It stays at {Position}; after a restart, " +
        "delivery starts again from there")]
    private partial void LogCheckpointNotSaved(int partition, long position, string reason);
}
