using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrdersActors.Storage.EventLog;

/// <summary>The metrics of group commits, on the meter <see cref="OrderMetrics.MeterName"/>.</summary>
internal static class GroupMetrics
{
    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly Histogram<int> Events = Meter.CreateHistogram(
        "orders_actors.group_commit_events", "{event}", "Events that one transaction of the log appended.",
        tags: null,
        new InstrumentAdvice<int>
        {
            HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000],
        });

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "orders_actors.group_commit_duration", "s",
        "Time of one transaction of the log that appended events, from its beginning to its commit.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = EventStages.Buckets });

    private static readonly Counter<long> FailedAppends = Meter.CreateCounter<long>(
        "orders_actors.appends_failed", "{append}",
        "Appends whose transaction failed. Their publishers retry under the same event ids.");

    /// <summary>The current moment; 0 if nobody collects the duration.</summary>
    public static long Now() => Duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Records a transaction that appended events.</summary>
    /// <param name="events">The number of its events; if it is 0, nothing is recorded.</param>
    /// <param name="from">When it began, from <see cref="Now"/>.</param>
    public static void Record(int events, long from)
    {
        if (events > 0 && from != 0)
        {
            Events.Record(events);
            Duration.Record(Stopwatch.GetElapsedTime(from).TotalSeconds);
        }
    }

    /// <summary>Counts appends whose transaction failed.</summary>
    public static void CountFailed(int appends) => FailedAppends.Add(appends);

    /// <summary>Counts 0; see <see cref="MetricZeros"/>.</summary>
    public static void CountZeros() => CountFailed(0);
}
