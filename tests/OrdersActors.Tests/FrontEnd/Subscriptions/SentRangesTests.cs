using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

public sealed class SentRangesTests
{
    private readonly SentRanges _sent = new();

    [Fact]
    public void Range_contains_the_events_after_the_start_up_to_the_position()
    {
        _sent.Add(Ended("a", start: 3, position: 5));
        Assert.Equal([false, true, true, false], Numbers(3, 6).Select(n => _sent.ContainsOrderEvent(Frame("a", n))));
        Assert.False(_sent.ContainsOrderEvent(Frame("b", 4)));
        Assert.False(_sent.ContainsOrganizationEvent(Frame("a", 4)));
        _sent.Clear();
        Assert.False(_sent.ContainsOrderEvent(Frame("a", 4)));
    }

    [Fact]
    public void Organization_has_its_own_ranges()
    {
        _sent.Add(Ended(null, start: 3, position: 5));
        Assert.True(_sent.ContainsOrganizationEvent(Frame("a", 4)));
        Assert.False(_sent.ContainsOrderEvent(Frame("a", 4)));
    }

    [Fact]
    public void Number_of_ranges_is_bounded()
    {
        for (var i = 0; i < 1000; i++)
        {
            _sent.Add(Ended($"o-{i}", start: 3, position: 5));
        }

        _sent.Add(Ended("one-more", start: 3, position: 5));
        Assert.True(_sent.ContainsOrderEvent(Frame("o-999", 4)));
        Assert.False(_sent.ContainsOrderEvent(Frame("one-more", 4)));
    }

    private static Subscription Ended(string? order, long start, long position)
    {
        var subscription = new Subscription(new FeedKey("shop", order), null, []);
        subscription.Begin(null!, start, 0);
        subscription.Position = position;
        return subscription;
    }

    private static EventFrame Frame(string order, long number) =>
        new(new FeedKey("shop", order), FrontEndGrains.Event(order, number));
}
