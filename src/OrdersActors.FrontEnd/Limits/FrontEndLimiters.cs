namespace OrdersActors.FrontEnd.Limits;

/// <summary>The limits on concurrent work in this front end.</summary>
internal sealed class FrontEndLimiters(TimeProvider time)
{
    /// <summary>
    /// For requests that call grains. Each takes about a millisecond and mostly waits, so about eight keep a processor
    /// busy.
    /// </summary>
    public ConcurrencyLimiter Requests { get; } = new(8 * Environment.ProcessorCount, time);

    /// <summary>
    /// For pages of replays, which use the processor all the time: half of the processors, so that live events find a
    /// free one.
    /// </summary>
    public ConcurrencyLimiter Replays { get; } = new(Math.Max(1, Environment.ProcessorCount / 2), time);
}
