namespace OrdersActors.Client.Connections;

/// <summary>A timer that can be set again. It calls a short callback that does not block.</summary>
internal sealed class Alarm : IDisposable
{
    // The longest time that timers accept is 49 days.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private readonly ITimer _timer;

    public Alarm(TimeProvider time, Action callback) => _timer = time.CreateTimer(
        static state => ((Action)state!)(), callback, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Calls after a time; replaces the time that was set before.</summary>
    public void Set(TimeSpan due) => _timer.Change(
        due < TimeSpan.Zero ? TimeSpan.Zero : due > Longest ? Longest : due, Timeout.InfiniteTimeSpan);

    public void Clear() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer.Dispose();
}
