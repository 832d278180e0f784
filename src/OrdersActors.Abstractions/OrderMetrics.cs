using System.Diagnostics.Metrics;

namespace OrdersActors;

/// <summary>
/// The counters of the way of an event, on the meter <see cref="MeterName"/>, for whatever collects .NET metrics. Counting costs a
/// few nanoseconds while nobody listens.
/// </summary>
/// <remarks>
/// Duplicates and holes have a tag <c>hop</c>, which names who noticed: <c>log</c>, <c>organization</c>, <c>order</c>, <c>feed</c> or
/// <c>connection</c>. Repeats are normal after failures and when subscriptions overlap. Holes are healed; many of them say that
/// something loses messages or that a front end does not keep up.
/// </remarks>
public static class OrderMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "OrdersActors";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> DuplicatesDropped = Meter.CreateCounter<long>(
        "orders_actors.duplicates_dropped", "{event}", "Events that had been seen before and were dropped by their number or id.");

    private static readonly Counter<long> HolesHealed = Meter.CreateCounter<long>(
        "orders_actors.holes_healed", "{hole}", "Times that a number was missing and the events before it were read from the log.");

    private static readonly Counter<long> EventsTrimmed = Meter.CreateCounter<long>(
        "orders_actors.events_trimmed", "{event}", "Old events that retention has removed from the log.");

    private static long s_epochsBegun;

    // Observed, because an epoch may begin while the server opens its log, before anybody listens.
    private static readonly ObservableCounter<long> Epochs = Meter.CreateObservableCounter(
        "orders_actors.epochs_begun", () => EpochsBegun, "{epoch}",
        "Times that the history of the log may have been rewritten, so that its numbers began a new epoch.");

    /// <summary>How many epochs have begun in this process.</summary>
    public static long EpochsBegun => Volatile.Read(ref s_epochsBegun);

    /// <summary>Counts an epoch that begins because history may have been rewritten.</summary>
    public static void CountEpochBegun() => Interlocked.Increment(ref s_epochsBegun);

    /// <summary>Counts old events that were removed.</summary>
    public static void CountTrimmed(long count) => EventsTrimmed.Add(count);

    /// <summary>Counts events that were dropped because they had been seen.</summary>
    public static void CountDuplicate(string hop, int count = 1) => DuplicatesDropped.Add(count, new KeyValuePair<string, object?>("hop", hop));

    /// <summary>Counts a hole that is being healed.</summary>
    public static void CountHole(string hop) => HolesHealed.Add(1, new KeyValuePair<string, object?>("hop", hop));
}
