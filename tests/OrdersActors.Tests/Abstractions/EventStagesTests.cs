using System.Diagnostics;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Abstractions;

public sealed class EventStagesTests
{
    [Fact]
    public void Moment_is_unknown_while_nobody_collects()
    {
        Assert.False(EventStages.AreCollected);
        Assert.Equal(0, EventStages.Now());
        using var recorder = new StageRecorder();
        Assert.True(EventStages.AreCollected);
        Assert.InRange(EventStages.Now(), 1, Stopwatch.GetTimestamp());
    }

    [Fact]
    public void Each_stage_has_its_own_value_of_the_only_tag()
    {
        using var recorder = new StageRecorder();
        foreach (var stage in Enum.GetValues<EventStage>())
        {
            EventStages.Record(stage, 1, 1 + (2 * Stopwatch.Frequency));
        }

        Assert.Equal(["commit", "pull", "distribute", "send", "commit_to_frame", "publish_to_frame"], recorder.Stages);
        Assert.Equal(["stage"], recorder.Tags);
        Assert.Equal([2.0], recorder.Of("send"));
    }

    [Fact]
    public void Stage_with_an_unknown_moment_is_not_recorded()
    {
        using var recorder = new StageRecorder();
        EventStages.Record(EventStage.Pull, 0, EventStages.Now());
        EventStages.Record(EventStage.Pull, EventStages.Now(), 0);
        Assert.Empty(recorder.Stages);
    }

    [Fact]
    public void Histogram_advises_buckets_in_seconds_from_100_microseconds_to_10_seconds()
    {
        using var recorder = new StageRecorder();
        var histogram = recorder.Instrument!;
        Assert.Equal((OrderMetrics.MeterName, "s"), (histogram.Meter.Name, histogram.Unit));
        var buckets = histogram.Advice!.HistogramBucketBoundaries!;
        Assert.Equal((0.0001, 10), (buckets[0], buckets[^1]));
        Assert.Equal(buckets.Order().Distinct(), buckets);
    }
}
