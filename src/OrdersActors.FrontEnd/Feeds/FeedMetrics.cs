using System.Diagnostics.Metrics;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>The metrics of feeds, on the meter <see cref="OrderMetrics.MeterName"/>.</summary>
internal static class FeedMetrics
{
    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly Counter<long> Registrations = Meter.CreateCounter<long>(
        "orders_actors.registrations", "{call}",
        "Calls that registered a feed with its grain or renewed its lease. The tag outcome: confirmed, denied, or "
        + "failed for a renewal without an answer, which is repeated.");

    public static void CountConfirmed(int calls = 1) => Count(calls, "confirmed");

    public static void CountDenied(int calls = 1) => Count(calls, "denied");

    public static void CountFailed(int calls = 1) => Count(calls, "failed");

    /// <summary>Counts 0 for each tag; see <see cref="MetricZeros"/>.</summary>
    public static void CountZeros()
    {
        CountConfirmed(0);
        CountDenied(0);
        CountFailed(0);
    }

    private static void Count(int calls, string outcome) =>
        Registrations.Add(calls, new KeyValuePair<string, object?>("outcome", outcome));
}
