namespace OrdersActors.Storage.EventLog;

/// <summary>
/// Wakes the readers that wait for new events of a partition. No signal is lost between a reader's check and its wait,
/// because both happen under the lock. It also knows whether this process reads the partition.
/// </summary>
/// <remarks>
/// A hint is untrusted: anyone who can connect to the database can send a NOTIFY. It only wakes the waiters, and at
/// most one later wait, so that they read again. A committed position is trusted: from then on it ends every wait for a
/// lower position. If a false hint were treated in the same way, waits would end at once forever.
/// </remarks>
internal sealed class PartitionSignal(long newest, TimeProvider time)
{
    // The time that a reader may take between two waits to read events and deliver them.
    private static readonly TimeSpan LongestReadGap = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CommitTimes _commits = new();
    private readonly PartitionLag _lag = new(time);
    private int _waiting;
    private long? _readAt;
    private long _newest = newest;
    private long _hint;
    private bool _needsQuery = true;
    private int _resets;
    private TaskCompletionSource<long>? _next;

    /// <summary>Whether this process reads the partition: a reader waits, or did so within the last second.</summary>
    public bool IsReadHere
    {
        get
        {
            lock (_lock)
            {
                return _waiting > 0 || (_readAt is { } readAt && time.GetElapsedTime(readAt) < LongestReadGap);
            }
        }
    }

    /// <summary>The newest position that is certainly committed.</summary>
    public long Newest
    {
        get
        {
            lock (_lock)
            {
                return _newest;
            }
        }
    }

    /// <summary>The last events that this process has read or appended.</summary>
    public PartitionTail Tail { get; } = new();

    /// <summary>The events that this process has committed and its reader has not taken.</summary>
    public RecentEvents Recent { get; } = new(newest);

    /// <summary>
    /// Whether the log probably has no event after a position: this process knows of none, and since the last query
    /// there was no hint, no event of another process, and no wait in vain. If it is wrong, a hint or a poll ends the
    /// reader's next wait.
    /// </summary>
    public bool IsEnd(long position)
    {
        lock (_lock)
        {
            return _newest <= position && !_needsQuery;
        }
    }

    /// <summary>Records that the reader now queries the database. Call before the query.</summary>
    public void MarkQuery()
    {
        lock (_lock)
        {
            _needsQuery = false;
        }
    }

    /// <summary>A new epoch begins: all positions are forgotten, and all waiters wake and read again.</summary>
    public void Reset()
    {
        TaskCompletionSource<long>? waiting;
        lock (_lock)
        {
            (_newest, _hint) = (0, 0);
            _commits.Clear();
            _lag.Clear();
            _needsQuery = true;
            _resets++;
            (waiting, _next) = (_next, null);
        }

        Tail.Clear();
        Recent.Forget();
        waiting?.SetResult(long.MaxValue);
    }

    /// <summary>Records that this process reads the partition, also if the reader does not have to wait.</summary>
    public void MarkRead()
    {
        lock (_lock)
        {
            _readAt = time.GetTimestamp();
        }
    }

    /// <summary>Records that all events up to a position are committed, and wakes the waiters.</summary>
    /// <param name="position">The newest of the positions.</param>
    /// <param name="isOwn">
    /// Whether this process appended the event at the position, and its reader finds it in <see cref="Recent"/> or
    /// learns there that it must query.
    /// </param>
    /// <param name="committedAt">
    /// When this process committed them, as <see cref="EventStages"/> takes it; 0 if unknown.
    /// </param>
    public void NotifyCommitted(long position, bool isOwn = false, long committedAt = 0)
    {
        TaskCompletionSource<long>? waiting;
        lock (_lock)
        {
            _commits.Add(_newest, position, committedAt);
            _needsQuery |= !isOwn && position > _newest;
            _newest = Math.Max(_newest, position);
            _lag.Commit(_newest);
            (waiting, _next) = (_next, null);
        }

        waiting?.SetResult(position);
    }

    /// <summary>Records that all events up to a position are delivered, as the partition's checkpoint says.</summary>
    public void NotifyDelivered(long checkpoint)
    {
        lock (_lock)
        {
            // The newest position is not known to the lag before the first commit.
            _lag.Commit(_newest);
            _lag.Deliver(checkpoint);
        }
    }

    /// <summary>How far the delivery is behind; null if the checkpoint is not known yet.</summary>
    public LagReading? ReadState()
    {
        lock (_lock)
        {
            return _lag.Read();
        }
    }

    /// <inheritdoc cref="IEventLog.FindCommitTimestamp"/>
    public long FindCommitTimestamp(long position)
    {
        lock (_lock)
        {
            return _commits.Find(position);
        }
    }

    /// <summary>Takes a hint that events up to a position are committed, and wakes the waiters.</summary>
    public void NotifyHint(long position)
    {
        TaskCompletionSource<long>? waiting;
        lock (_lock)
        {
            if (position <= _newest)
            {
                return;
            }

            // Kept for a reader that has just read and is about to wait: it must read again.
            _needsQuery = true;
            _hint = Math.Max(_hint, position);
            (waiting, _next) = (_next, null);
        }

        waiting?.SetResult(position);
    }

    /// <summary>Waits until a commit or a hint after a position.</summary>
    public async Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        var isOnPool = TaskScheduler.Current == TaskScheduler.Default;
        int resets;
        lock (_lock)
        {
            _waiting++;
            resets = _resets;
        }

        try
        {
            while (NextAfter(after, resets) is { } next)
            {
                var position = await next.WaitAsync(cancellationToken);
                if (isOnPool)
                {
                    // This is the thread that signals, and it must not run the caller's code. On an agent's scheduler
                    // the await itself has changed the thread.
                    await Task.Yield();
                }

                if (position > after)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                _needsQuery = true;
            }

            throw;
        }
        finally
        {
            lock (_lock)
            {
                _waiting--;
                _readAt = time.GetTimestamp();
            }
        }
    }

    /// <summary>The next commit or hint; null if one has already arrived.</summary>
    /// <remarks>
    /// A waiter that a lower position has woken is not registered until it calls this again. If a reset comes in
    /// between, the waiter finds it by the number of resets. Otherwise it would wait in the new epoch for a position of
    /// the ended one.
    /// </remarks>
    private Task<long>? NextAfter(long after, int resets)
    {
        lock (_lock)
        {
            if (_newest > after || _resets != resets)
            {
                return null;
            }

            if (_hint > after)
            {
                _hint = 0;
                return null;
            }

            return (_next ??= new TaskCompletionSource<long>()).Task;
        }
    }
}
