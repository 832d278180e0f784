using System.Diagnostics.Metrics;

namespace OrdersActors;

/// <summary>
/// The counters along the path of an event, on the meter <see cref="MeterName"/>, for any collector of .NET metrics.
/// Counting costs a few nanoseconds if no collector listens.
/// </summary>
/// <remarks>
/// Duplicates and gaps have a tag <c>hop</c>, which names the component that noticed: <c>log</c>, <c>organization</c>,
/// <c>order</c>, <c>feed</c> or <c>connection</c>. Duplicates are normal after failures and when subscriptions overlap.
/// Gaps are filled from the log. Many gaps mean that a component loses messages or that a front end is too slow.
/// </remarks>
public static class OrderMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "OrdersActors";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> DuplicatesDropped = Meter.CreateCounter<long>(
        "orders_actors.duplicates_dropped", "{event}",
        "Duplicate events that were dropped by their number or id.");

    private static readonly Counter<long> HolesHealed = Meter.CreateCounter<long>(
        "orders_actors.holes_healed", "{hole}",
        "Gaps in the numbers whose missing events were read from the log.");

    private static readonly Counter<long> EventsTrimmed = Meter.CreateCounter<long>(
        "orders_actors.events_trimmed", "{event}", "Old events that retention has removed from the log.");

    private static readonly string[] Hops = ["log", "organization", "order", "feed", "connection"];

    private static long _epochsBegun;

    // Observable, because an epoch may begin while the server opens its log, before a collector listens.
    private static readonly ObservableCounter<long> Epochs = Meter.CreateObservableCounter(
        "orders_actors.epochs_begun", () => EpochsBegun, "{epoch}",
        "New epochs of the log. A new epoch begins when the history of the log may have been rewritten.");

    /// <summary>The number of epochs that have begun in this process.</summary>
    public static long EpochsBegun => Volatile.Read(ref _epochsBegun);

    /// <summary>Counts an epoch that begins because history may have been rewritten.</summary>
    public static void CountEpochBegun() => Interlocked.Increment(ref _epochsBegun);

    /// <summary>Counts old events that retention removed.</summary>
    public static void CountTrimmed(long count) => EventsTrimmed.Add(count);

    /// <summary>Counts duplicate events that were dropped.</summary>
    public static void CountDuplicate(string hop, int count = 1) =>
        DuplicatesDropped.Add(count, new KeyValuePair<string, object?>("hop", hop));

    /// <summary>Counts a gap that is being filled from the log.</summary>
    public static void CountHole(string hop) => HolesHealed.Add(1, new KeyValuePair<string, object?>("hop", hop));

    /// <summary>Counts 0 for each hop; see <see cref="MetricZeros"/>.</summary>
    internal static void CountZeros()
    {
        CountTrimmed(0);
        foreach (var hop in Hops)
        {
            CountDuplicate(hop, 0);
        }

        // The log itself has no gaps.
        foreach (var hop in Hops.AsSpan(1))
        {
            HolesHealed.Add(0, new KeyValuePair<string, object?>("hop", hop));
        }
    }
}
