namespace OrdersActors.Publishing;

/// <summary>How publishing copes with failures.</summary>
public sealed class OrderStatusPublisherOptions
{
    /// <summary>
    /// How long transient failures are retried before the call fails; default 30 s, 0 (never retry) to 1 h. A try that
    /// is under way is waited for, at most five seconds.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The pause before the first retry; default 100 ms, 1 ms to 1 min. Each further pause is up to twice as long, at most 5 s, and
    /// shortened at random so that many publishers do not come back together.
    /// </summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(100);
}
