namespace OrdersActors.Storage.EventLog;

/// <summary>A wait that its caller can cancel and that fails as unavailable after a timeout.</summary>
internal static class TimedWait
{
    /// <param name="wait">Waits until its token is cancelled.</param>
    /// <param name="timeout">The longest wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="reason">Describes the timeout.</param>
    /// <param name="cancellationToken">The caller's cancellation.</param>
    /// <exception cref="EventLogUnavailableException">The timeout ended the wait.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static async Task RunAsync(
        Func<CancellationToken, Task> wait,
        TimeSpan timeout,
        TimeProvider time,
        Func<string> reason,
        CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await wait(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw LogUnavailable.Because(reason());
        }
    }
}
