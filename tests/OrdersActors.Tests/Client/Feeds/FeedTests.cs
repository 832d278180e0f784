using OrdersActors.Client;
using OrdersActors.Client.Feeds;
using OrdersActors.Tests.Client.Connections;
using Events = OrdersActors.Tests.Client.Connections.FeedEvents;

namespace OrdersActors.Tests.Client.Feeds;

public sealed class FeedTests
{
    private readonly Feed _feed = new("o-1");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Watch_of_the_current_status_that_comes_before_the_newest_event_begins_with_it(bool firstWatchesAll)
    {
        Watch(firstWatchesAll ? WatchStart.Beginning : WatchStart.Current);
        Confirm(newest: 3);
        var late = Watch(WatchStart.Current);
        var next = Watch(WatchStart.Now);
        Assert.False(_feed.MustRewind);
        foreach (var version in firstWatchesAll ? [1L, 2, 3, 4] : (long[])[3, 4])
        {
            Offer(version);
        }

        Assert.Equal([3L, 4], late.Read());
        Assert.Equal([4L], next.Read());
    }

    [Fact]
    public void Watch_of_the_current_status_gets_the_newest_event_that_has_come()
    {
        Watch(WatchStart.Current);
        Confirm(newest: 3);
        Offer(3);
        Offer(4);
        Assert.Equal([4L], Watch(WatchStart.Current).Read());
        Assert.False(_feed.MustRewind);
    }

    [Fact]
    public void Watch_of_more_of_the_past_rewinds_the_feed()
    {
        Watch(WatchStart.Current);
        Confirm(newest: 3);
        Watch(WatchStart.Last(3));
        Assert.True(_feed.MustRewind);
    }

    private Watch Watch(WatchStart start)
    {
        var watch = new Watch(_feed, start, maxBytes: 100_000);
        _feed.Add(watch);
        return watch;
    }

    private void Confirm(long newest)
    {
        _feed.NextRequest();
        _feed.Confirm(new Confirmation(IsResumed: true, Earliest: 0, Events.Epoch, newest));
    }

    private void Offer(long version) => Assert.Equal(
        FeedOffer.Done, _feed.Offer(Events.Event("o-1", version), Events.Size, mayDetach: false, out _));
}
