namespace OrdersActors.Storage.EventLog;

/// <summary>
/// Tells those who wait for a partition that something was committed. Nothing is missed between looking and waiting,
/// because both happen under the lock.
/// </summary>
/// <remarks>
/// A hint is what somebody says who may be mistaken or lie: it wakes whoever waits, so that they look, and once more where they find
/// nothing. A position that is known to be committed ends every wait for less, from then on; a false one would do so for ever.
/// </remarks>
internal sealed class PartitionSignal(long newest)
{
    private readonly Lock _lock = new();
    private long _newest = newest;
    private long _hint;
    private TaskCompletionSource<long>? _next;

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

    public async Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        Task<long> next;
        do
        {
            lock (_lock)
            {
                if (_newest > after)
                {
                    return;
                }

                if (_hint > after)
                {
                    _hint = 0;
                    return;
                }

                next = (_next ??= new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
        while (await next.WaitAsync(cancellationToken) <= after);
    }
}
