using System.Diagnostics.Metrics;

namespace OrdersActors.Cluster.Appends;

/// <summary>
/// The outcomes of appends at the silo that their publishers called, on the meter
/// <see cref="OrderMetrics.MeterName"/>. Thread-safe.
/// </summary>
internal static class AppendMetrics
{
    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly (StripedCounter Count, KeyValuePair<string, object?> Tag)[] Outcomes =
    [
        (new StripedCounter(), new("outcome", "stored")), (new StripedCounter(), new("outcome", "refused")),
        (new StripedCounter(), new("outcome", "unavailable")),
    ];

    private static readonly ObservableCounter<long> Appends = Meter.CreateObservableCounter(
        "orders_actors.appends",
        static () => Outcomes.Select(static outcome => new Measurement<long>(outcome.Count.Sum, outcome.Tag)),
        "{append}",
        "Appends of publishers that called this silo. The tag outcome: stored, refused (an event is not valid or "
        + "contradicts a stored one), unavailable (the log cannot store events; the publisher retries).");

    /// <summary>Whether somebody collects the counter.</summary>
    public static bool AreCollected => Appends.Enabled;

    public static void CountStored() => Outcomes[0].Count.Add(1);

    /// <summary>Counts an append that failed.</summary>
    public static void CountFailed(Exception e) => Outcomes[e is EventLogUnavailableException ? 2 : 1].Count.Add(1);
}
