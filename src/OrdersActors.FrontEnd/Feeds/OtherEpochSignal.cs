namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Signals that an event or answer of another epoch has arrived, so that the log's epoch must be polled. Thread-safe.
/// </summary>
internal sealed class OtherEpochSignal
{
    private TaskCompletionSource _seen = Create();

    /// <summary>Completed by the first <see cref="Set"/> after the last <see cref="Reset"/>.</summary>
    public Task Seen => Volatile.Read(ref _seen).Task;

    public void Set() => Volatile.Read(ref _seen).TrySetResult();

    public void Reset() => Volatile.Write(ref _seen, Create());

    // Callers of Set may hold the lock of a feed, so no continuation may run inside of the call.
    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
