using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class ResumePointTests
{
    [Theory]
    [InlineData(0L, null, null, 0L, null)]
    [InlineData(20L, null, null, 20L, null)]
    [InlineData(20L, null, "now", 20L, null)]
    [InlineData(null, 0, null, 20L, null)]
    [InlineData(null, 5, "now", 15L, null)]
    [InlineData(null, 100, null, 0L, null)]
    [InlineData(null, null, "now", 20L, null)]
    [InlineData(3L, null, "before", 0L, 1L)]
    [InlineData(99L, null, "before", 0L, 1L)]
    [InlineData(99L, null, "now", 0L, 1L)]
    [InlineData(null, 5, "before", 0L, 1L)]
    [InlineData(null, null, "before", 0L, 1L)]
    public void Numbers_of_another_history_replay_everything(
        long? after, int? last, string? epoch, long position, long? earliest) =>
        AssertFrom(new FeedBounds(1, 20, "now"), new ResumePoint(after, last, epoch), position, earliest);

    [Theory]
    [InlineData(9L, null, "now", 9L, null)]
    [InlineData(8L, null, "now", 9L, 10L)]
    [InlineData(15L, null, "before", 9L, 10L)]
    [InlineData(null, 12, null, 9L, 10L)]
    public void Replay_begins_with_the_earliest_kept_event(
        long? after, int? last, string? epoch, long position, long? earliest) =>
        AssertFrom(new FeedBounds(10, 20, "now"), new ResumePoint(after, last, epoch), position, earliest);

    [Fact]
    public void Empty_log_resumes_with_the_next_event() =>
        AssertFrom(new FeedBounds(21, 20, "now"), new ResumePoint(3, null, "before"), 20, 21);

    [Fact]
    public void Number_beyond_the_newest_event_is_refused_only_without_an_epoch()
    {
        Assert.Null(new ResumePoint(21, null).In(new FeedBounds(1, 20, "now")));
        Assert.Null(new ResumePoint(21, null).In(new FeedBounds(1, 20)));
    }

    [Theory]
    [InlineData(20L, 20L, null)]
    [InlineData(21L, 0L, 1L)]
    public void Silo_without_an_epoch_compares_only_the_number(long after, long position, long? earliest) =>
        AssertFrom(new FeedBounds(1, 20), new ResumePoint(after, null, "before"), position, earliest);

    private static void AssertFrom(FeedBounds bounds, ResumePoint point, long position, long? earliest) =>
        Assert.Equal(new ResumedFrom(position, earliest, bounds), point.In(bounds));
}
