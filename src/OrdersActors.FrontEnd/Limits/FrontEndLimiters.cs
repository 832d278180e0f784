using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>The limits that all connections of this front end share.</summary>
internal sealed class FrontEndLimiters(TimeProvider time, FrontEndOptions options)
{
    // The service provider uses this constructor, which takes more of its services than the next one.
    public FrontEndLimiters(TimeProvider time, IOptions<FrontEndOptions> options)
        : this(time, options.Value)
    {
    }

    public FrontEndLimiters(TimeProvider time)
        : this(time, new FrontEndOptions())
    {
    }

    /// <summary>
    /// For requests that call grains. Each takes about a millisecond and mostly waits, so about eight keep a processor
    /// busy.
    /// </summary>
    public ConcurrencyLimiter Requests { get; } = new(8 * Environment.ProcessorCount, time);

    /// <summary>
    /// For pages of replays, which use the processor all the time: half of the processors, so that live events find a
    /// free one. Organizations take turns.
    /// </summary>
    public FairLimiter Replays { get; } = new(
        Math.Max(1, Environment.ProcessorCount / 2), options.MaxReplaysPerOrganization, time);

    /// <summary>The bytes that wait for all clients together.</summary>
    public QueueBudget Queues { get; } = new(options.MaxQueuedBytesInAll);

    /// <summary>The bytes that are read and dropped, of all clients that the server is closing.</summary>
    public DrainBudget Drains { get; } = new(time);
}
