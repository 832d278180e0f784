namespace OrdersActors.Storage.EventLog;

/// <summary>
/// Tells those who wait for a partition that something was committed. Nothing is missed between looking and waiting,
/// because both happen under the lock. It knows by that whether the partition is read in this process.
/// </summary>
/// <remarks>
/// A hint is what somebody says who may be mistaken or lie: it wakes whoever waits, so that they look, and once more where they find
/// nothing. A position that is known to be committed ends every wait for less, from then on; a false one would do so for ever.
/// </remarks>
internal sealed class PartitionSignal(long newest, TimeProvider time)
{
    // Between two waits a reader reads, and delivers what it has read.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private int _waiting;
    private long? _readAt;
    private long _newest = newest;
    private long _hint;
    private TaskCompletionSource<long>? _next;

    /// <summary>Whether the partition is read in this process: somebody waits, or was here a moment ago.</summary>
    public bool IsReadHere
    {
        get
        {
            lock (_lock)
            {
                return _waiting > 0 || (_readAt is { } readAt && time.GetElapsedTime(readAt) < Pause);
            }
        }
    }

    /// <summary>The newest position that is known to be committed.</summary>
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

    /// <summary>Another history begins: no position is known, and everybody who waits looks again.</summary>
    public void Reset()
    {
        TaskCompletionSource<long>? waiting;
        lock (_lock)
        {
            (_newest, _hint) = (0, 0);
            (waiting, _next) = (_next, null);
        }

        Tail.Clear();
        waiting?.SetResult(long.MaxValue);
    }

    /// <summary>Somebody reads the partition, and need not wait for that.</summary>
    public void MarkRead()
    {
        lock (_lock)
        {
            _readAt = time.GetTimestamp();
        }
    }

    /// <summary>Something is committed up to a position.</summary>
    public void Committed(long position)
    {
        TaskCompletionSource<long>? waiting;
        lock (_lock)
        {
            _newest = Math.Max(_newest, position);
            (waiting, _next) = (_next, null);
        }

        waiting?.SetResult(position);
    }

    /// <summary>Something is said to be committed up to a position.</summary>
    public void Hinted(long position)
    {
        TaskCompletionSource<long>? waiting;
        lock (_lock)
        {
            if (position <= _newest)
            {
                return;
            }

            // Kept, because whoever is to look may be about to wait.
            _hint = Math.Max(_hint, position);
            (waiting, _next) = (_next, null);
        }

        waiting?.SetResult(position);
    }

    /// <summary>Waits until something is, or is said to be, committed past a position.</summary>
    public async Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _waiting++;
        }

        try
        {
            while (NextPast(after) is { } next && await next.WaitAsync(cancellationToken) <= after)
            {
            }
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

    /// <summary>The next commit or hint; null where there is one already.</summary>
    private Task<long>? NextPast(long after)
    {
        lock (_lock)
        {
            if (_newest > after)
            {
                return null;
            }

            if (_hint > after)
            {
                _hint = 0;
                return null;
            }

            return (_next ??= new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
