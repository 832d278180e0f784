namespace OrdersActors.Storage.EventLog;

/// <summary>
/// Tells those who wait for a partition that something was committed. Nothing is missed between looking and waiting,
/// because both happen under the lock.
/// </summary>
internal sealed class PartitionSignal(long newest)
{
    private readonly Lock _lock = new();
    private long _newest = newest;
    private TaskCompletionSource? _next;

    public void Committed(long position)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _newest = Math.Max(_newest, position);
            (waiting, _next) = (_next, null);
        }

        waiting?.SetResult();
    }

    public async Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (_newest > after)
                {
                    return;
                }

                next = (_next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await next.WaitAsync(cancellationToken);
        }
    }
}
