namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// The bytes that wait for all clients together, and their bound. Each queue reports its bytes in steps of
/// <see cref="Step"/>, so that a busy server does not count every frame on one shared number. Thread-safe.
/// </summary>
/// <param name="maxBytes">The bound; 0 for none.</param>
internal sealed class QueueBudget(long maxBytes)
{
    /// <summary>
    /// The unit in which queues report their bytes. A queue with fewer bytes is not counted: with 50,000 connections,
    /// up to 200 MB.
    /// </summary>
    public const int Step = 4096;

    private long _bytes;
    private TaskCompletionSource _exceeded = NewSignal();

    /// <summary>The bytes that wait.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The bytes that the largest queues are reduced to when the bound is exceeded.</summary>
    public long Target => maxBytes / 10 * 9;

    /// <summary>Whether there is a bound, and it is exceeded.</summary>
    public bool IsExceeded => maxBytes > 0 && Bytes > maxBytes;

    /// <summary>
    /// Whether no frame may be queued any more, because the queues grow faster than the largest ones are cut.
    /// </summary>
    public bool IsFull => maxBytes > 0 && Bytes >= maxBytes + (maxBytes / 4);

    /// <summary>Returns the bytes that a queue of this size reports.</summary>
    public static int Counted(int bytes) => bytes & ~(Step - 1);

    /// <summary>A queue has grown, or shrunk.</summary>
    public void Add(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) > maxBytes && maxBytes > 0)
        {
            _exceeded.TrySetResult();
        }
    }

    /// <summary>Waits until the bound is exceeded. For one caller at a time.</summary>
    public async Task WaitUntilExceededAsync(CancellationToken cancellationToken)
    {
        while (!IsExceeded)
        {
            // The new signal is in place before the check, so an Add after the check sets it.
            var signal = NewSignal();
            Interlocked.Exchange(ref _exceeded, signal);
            if (!IsExceeded)
            {
                await signal.Task.WaitAsync(cancellationToken);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
