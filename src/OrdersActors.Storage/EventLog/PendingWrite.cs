namespace OrdersActors.Storage.EventLog;

/// <summary>A write that waits in a <see cref="WriteQueue{T}"/>.</summary>
internal interface IPendingWrite
{
    /// <summary>
    /// Takes the write when its turn has come. Returns false if its caller has given up; then it must not be executed.
    /// </summary>
    bool TryTake();

    /// <summary>Answers the caller with a failure. Does nothing if the caller already has an answer.</summary>
    void Fail(Exception exception);
}

/// <summary>A write that waits for its writer, and its answer.</summary>
/// <remarks>
/// The caller and the writer decide at the same time: the caller gives up while the writer takes the write. Exactly one
/// of <see cref="TryTake"/> and <see cref="TryGiveUp"/> succeeds, so a write that was given up is never executed, and a
/// write that was taken always gets an answer.
/// </remarks>
internal class PendingWrite<T> : IPendingWrite
{
    // A grain's await queues its continuation to the grain's scheduler, so the writer's thread runs nothing of it and
    // one hand-over between threads is saved. Other callers' continuations must not run on the writer's thread.
    private readonly TaskCompletionSource<T> _answer = new(
        TaskScheduler.Current == TaskScheduler.Default
            ? TaskCreationOptions.RunContinuationsAsynchronously
            : TaskCreationOptions.None);
    private int _isDecided;

    /// <summary>The writer's answer. Cancelled if the caller gave up.</summary>
    public Task<T> Answer => _answer.Task;

    public bool TryTake() => TryDecide();

    /// <summary>
    /// Gives the write up, because its caller stops waiting. Returns false if its turn has come; then an answer
    /// follows.
    /// </summary>
    public bool TryGiveUp() => TryDecide() && _answer.TrySetCanceled();

    /// <summary>Waits for the answer. If the caller cancels before the write's turn, the write is given up.</summary>
    public async Task<T> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Answer.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            TryGiveUp();
            throw;
        }
    }

    /// <summary>
    /// Does the same, and gives the write up if its turn does not come within a timeout. After its turn has come, the
    /// answer is awaited however long it takes.
    /// </summary>
    /// <exception cref="TimeoutException">The write was given up.</exception>
    public async Task<T> WaitForTurnAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await Answer.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException) when (!TryGiveUp())
        {
            return await Answer.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            TryGiveUp();
            throw;
        }
    }

    /// <summary>Answers the caller after the write is committed.</summary>
    public void Complete(T answer) => _answer.TrySetResult(answer);

    public void Fail(Exception exception) => _answer.TrySetException(exception);

    private bool TryDecide() => Interlocked.Exchange(ref _isDecided, 1) == 0;
}
