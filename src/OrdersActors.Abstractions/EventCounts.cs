using System.Diagnostics.Metrics;

namespace OrdersActors;

/// <summary>
/// The numbers of events that this process appended and passed on, on the meter <see cref="OrderMetrics.MeterName"/>.
/// They are always counted, and read only when somebody collects them.
/// </summary>
internal static class EventCounts
{
    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly StripedCounter NewEvents = new();

    // By the value of EventHop.
    private static readonly (StripedCounter Count, KeyValuePair<string, object?> Tag)[] Hops =
    [
        (new StripedCounter(), new("hop", "organization")), (new StripedCounter(), new("hop", "order")),
        (new StripedCounter(), new("hop", "feed")), (new StripedCounter(), new("hop", "connection")),
    ];

    private static readonly ObservableCounter<long> AppendedEvents = Meter.CreateObservableCounter(
        "orders_actors.events_appended", static () => NewEvents.Sum, "{event}",
        "New events that this server committed, without repeated ones.");

    private static readonly ObservableCounter<long> DeliveredEvents = Meter.CreateObservableCounter(
        "orders_actors.events_delivered",
        static () => Hops.Select(static hop => new Measurement<long>(hop.Count.Sum, hop.Tag)), "{event}",
        "Events that a component passed on. The tag hop: organization, order, feed, connection. With connection, each "
        + "event counts once for each client.");

    /// <summary>The number of new events that this process has committed.</summary>
    public static long Appended => NewEvents.Sum;

    /// <summary>Counts new events that are committed.</summary>
    public static void CountAppended(int count) => NewEvents.Add(count);

    /// <summary>Counts events that a component has passed on.</summary>
    public static void CountDelivered(EventHop hop, int count) => Hops[(int)hop].Count.Add(count);

    /// <summary>The number of events that a component has passed on.</summary>
    public static long Delivered(EventHop hop) => Hops[(int)hop].Count.Sum;
}
