using System.Diagnostics.Metrics;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// The metrics of subscriptions and replays, on the meter <see cref="OrderMetrics.MeterName"/>. Thread-safe.
/// </summary>
internal static class SubscriptionMetrics
{
    /// <summary>The outcome of a subscribe that was confirmed.</summary>
    public const string Confirmed = "confirmed";

    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly KeyValuePair<string, object?> OrderTag = new("scope", "order");
    private static readonly KeyValuePair<string, object?> OrganizationTag = new("scope", "organization");

    private static readonly string[] Outcomes =
    [
        Confirmed, "access_denied", "rate_limited", "too_many_subscriptions", "invalid_message", "unavailable",
    ];

    private static readonly Counter<long> Subscribes = Meter.CreateCounter<long>(
        "orders_actors.subscribes", "{subscribe}",
        "Entries of subscribe messages. The tag outcome: confirmed, the error's code, or unavailable if the connection "
        + "was closed because no answer was possible in time.");

    private static readonly Counter<long> Resumes = Meter.CreateCounter<long>(
        "orders_actors.resumes", "{resume}",
        "Subscriptions that resumed after a number. The tag outcome: complete, or incomplete if requested events are "
        + "no longer kept or history was rewritten.");

    private static readonly Counter<long> Pages = Meter.CreateCounter<long>(
        "orders_actors.replay_pages", "{page}", "Pages of past events that were read for connections that are behind.");

    private static readonly Counter<long> Events = Meter.CreateCounter<long>(
        "orders_actors.replay_events", "{event}", "Events in these pages.");

    private static long _orders;
    private static long _organizations;
    private static long _replays;

    private static readonly ObservableGauge<long> Open = Meter.CreateObservableGauge(
        "orders_actors.subscriptions",
        static () => new Measurement<long>[]
        {
            new(Volatile.Read(ref _orders), OrderTag), new(Volatile.Read(ref _organizations), OrganizationTag),
        },
        "{subscription}", "Subscriptions of connections. The tag scope: order or organization.");

    private static readonly ObservableGauge<long> Running = Meter.CreateObservableGauge(
        "orders_actors.replays_running", static () => Volatile.Read(ref _replays), "{connection}",
        "Connections whose past events are being read.");

    /// <summary>The number of subscriptions in this process.</summary>
    public static long Count => Volatile.Read(ref _orders) + Volatile.Read(ref _organizations);

    public static void Begin(FeedKey feed) => Add(feed, 1);

    public static void End(FeedKey feed) => Add(feed, -1);

    public static void BeginReplay() => Interlocked.Increment(ref _replays);

    public static void EndReplay() => Interlocked.Decrement(ref _replays);

    public static void CountPage(int events)
    {
        Pages.Add(1);
        Events.Add(events);
    }

    /// <summary>Counts an answer to an entry of a subscribe.</summary>
    /// <param name="outcome"><see cref="Confirmed"/>, or the error's code.</param>
    public static void CountSubscribe(string outcome) =>
        Subscribes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public static void CountResume(bool isComplete, int resumes = 1) => Resumes.Add(
        resumes, new KeyValuePair<string, object?>("outcome", isComplete ? "complete" : "incomplete"));

    /// <summary>Counts 0 for each tag; see <see cref="MetricZeros"/>.</summary>
    public static void CountZeros()
    {
        foreach (var outcome in Outcomes)
        {
            Subscribes.Add(0, new KeyValuePair<string, object?>("outcome", outcome));
        }

        CountResume(true, 0);
        CountResume(false, 0);
        Pages.Add(0);
        Events.Add(0);
    }

    private static void Add(FeedKey feed, int subscriptions) =>
        Interlocked.Add(ref feed.IsOrganization ? ref _organizations : ref _orders, subscriptions);
}
