using System.Diagnostics.Metrics;

namespace OrdersActors.Http.Streams;

/// <summary>The metrics of event streams, on the meter <see cref="OrderMetrics.MeterName"/>.</summary>
internal static class StreamMetrics
{
    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly UpDownCounter<int> Open = Meter.CreateUpDownCounter<int>(
        "orders_actors.event_streams", "{stream}",
        "Open event streams over HTTP. They also count in orders_actors.connections.");

    public static void CountOpened() => Open.Add(1);

    public static void CountEnded() => Open.Add(-1);

    /// <summary>Counts 0; see <see cref="MetricZeros"/>.</summary>
    public static void CountZeros() => Open.Add(0);
}
