using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrdersActors;

/// <summary>
/// The histogram of the time that events spend in each stage of their way through this process, on the meter
/// <see cref="OrderMetrics.MeterName"/>.
/// </summary>
/// <remarks>
/// <code>
///   publish call ──commit──► committed ──pull──► grain ──distribute──► feed ──send──► connections
///        │                       └───────────────commit_to_frame────────────────────────┤
///        └───────────────────────────────────────publish_to_frame───────────────────────┘
/// </code>
/// <para>One value stands for a group of events that go together, not for each event or connection. It is the time of
/// the group's oldest event. Groups are the events of one publish call, of one read of a partition, and of one call of
/// a feed's listeners. In a large batch of an organization, some events are measured
/// (<see cref="EventTimes.MostOfBatch"/>).</para>
/// <para>The moments are timestamps of <see cref="Stopwatch"/>. They travel beside the events and never leave the
/// process, so a stage that begins in another process is not measured. Nor are events that are read from the log after
/// a gap. While nobody collects the histogram, no moment is taken: it is 0, and nothing is recorded.</para>
/// </remarks>
internal static class EventStages
{
    /// <summary>The name of the histogram.</summary>
    public const string InstrumentName = "orders_actors.event_stage_duration";

    /// <summary>The upper bounds of the recommended buckets, in seconds.</summary>
    public static readonly IReadOnlyList<double> Buckets =
    [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ];

    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        InstrumentName, "s",
        "Time that groups of events spend in a stage of their way through this process. The tag stage: commit, pull, "
        + "distribute, send, commit_to_frame, publish_to_frame.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });

    // By the value of EventStage.
    private static readonly KeyValuePair<string, object?>[] Tags =
    [
        new("stage", "commit"), new("stage", "pull"), new("stage", "distribute"), new("stage", "send"),
        new("stage", "commit_to_frame"), new("stage", "publish_to_frame"),
    ];

    /// <summary>Whether somebody collects the histogram.</summary>
    public static bool AreCollected => Durations.Enabled;

    /// <summary>The current moment; 0 if nobody collects the histogram.</summary>
    public static long Now() => Durations.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>The current moment; 0 if nobody collects the histogram and the event is not traced.</summary>
    public static long Now(EventTrace? trace) => trace is null ? Now() : Stopwatch.GetTimestamp();

    /// <summary>Records the time from one moment to another, unless one of them is unknown (0).</summary>
    public static void Record(EventStage stage, long from, long to)
    {
        if (from != 0 && to != 0)
        {
            Durations.Record(Stopwatch.GetElapsedTime(from, to).TotalSeconds, Tags[(int)stage]);
        }
    }
}
