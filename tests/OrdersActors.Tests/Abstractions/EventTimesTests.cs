namespace OrdersActors.Tests.Abstractions;

public sealed class EventTimesTests
{
    private static readonly EventTimes Batch = new(1, 2);

    [Theory]
    [InlineData(1)]
    [InlineData(EventTimes.MostOfBatch)]
    public void Each_event_of_a_small_batch_is_measured(int count) =>
        Assert.All(Enumerable.Range(0, count), i => Assert.Equal(Batch, Batch.Of(i, count, default)));

    [Theory]
    [InlineData(EventTimes.MostOfBatch + 1)]
    [InlineData(100)]
    [InlineData(1024)]
    public void Some_events_of_a_large_batch_are_measured_and_the_first_is_one_of_them(int count)
    {
        var measured = Enumerable.Range(0, count).Where(i => !Batch.Of(i, count, default).IsSkipped).ToArray();
        Assert.Equal(0, measured[0]);
        Assert.InRange(measured.Length, EventTimes.MostOfBatch / 2, EventTimes.MostOfBatch);
    }

    [Fact]
    public void Traced_event_is_always_measured()
    {
        var origin = new EventOrigin(0, new EventTrace(default));
        Assert.All(Enumerable.Range(0, 100), i => Assert.False(Batch.Of(i, 100, origin).IsSkipped));
    }

    [Fact]
    public void Events_that_go_together_have_the_first_measured_moments_and_the_first_trace()
    {
        var trace = new EventTrace(default);
        var times = EventTimes.Skipped.With(EventTimes.Skipped).With(Batch).With(new EventTimes(3, 4))
            .With(new EventTimes(5, 6, new EventOrigin(7, trace)));
        Assert.Equal((1L, 2L), (times.CommittedAt, times.PulledAt));
        Assert.Same(trace, times.Origin.Trace);
        Assert.Equal(0, times.Origin.ArrivedAt);
        Assert.True(EventTimes.Skipped.With(EventTimes.Skipped).IsSkipped);
    }
}
