using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

/// <summary>
/// Which event is sent, and through which subscription, in the cases that are hard to reach by timing.
/// </summary>
public sealed class DeliveryRulesTests
{
    private readonly RecordingChannel _client = new();
    private readonly DeliveryRules _rules;

    public DeliveryRulesTests() => _rules = new DeliveryRules(_client);

    [Fact]
    public void Next_event_is_sent_an_older_one_is_dropped_and_a_later_one_reveals_a_gap()
    {
        var order = Begin("a", last: 3);
        Assert.Equal(OfferResult.Settled, Offer(order, "a", 4, 10));
        Assert.Equal(OfferResult.Settled, Offer(order, "a", 4, 10));
        Assert.Equal(OfferResult.Gap, Offer(order, "a", 6, 12));
        Assert.Equal(["a4"], Sent);
    }

    [Fact]
    public void Client_that_agreed_to_compression_gets_the_compressed_frames_that_all_others_get()
    {
        var frames = Enumerable.Range(4, 3).Select(number => new EventFrame(
            new FeedKey("shop", "a"),
            FrontEndGrains.Event("a", number) with { Json = new byte[1000] })).ToArray();
        var batch = new FrameBatch(frames[1..]);
        for (var i = 0; i < 2; i++)
        {
            var client = new RecordingChannel { CompressionWindow = 2000 };
            var rules = new DeliveryRules(client);
            var order = new Subscription(new FeedKey("shop", "a"), null, []);
            rules.Begin(order, null!, 3);
            rules.Offer(order, frames[0]);
            Assert.True(rules.TryOffer(order, batch));
            Assert.Same(frames[0].Compressed, client.Frames[1]);
            Assert.Same(Assert.Single(batch.JoinedFor(2000)), client.Frames[2]);
        }
    }

    [Fact]
    public void Event_past_the_organizations_start_is_left_to_the_organization()
    {
        var order = Begin("a", last: 3);
        var organization = Begin(null, last: 10);
        Assert.Equal(OfferResult.Settled, Offer(order, "a", 4, 9));
        Assert.Equal(OfferResult.LeftToOrganization, Offer(order, "a", 5, 11));
        Assert.Equal(OfferResult.Settled, Offer(organization, "a", 5, 11));
        Assert.Equal(OfferResult.Settled, Offer(order, "a", 5, 11));
        Assert.Equal(["a4", "a5/11"], Sent);
    }

    [Fact]
    public void Earlier_versions_of_an_order_are_sent_before_the_organizations_event()
    {
        var order = Begin("a", last: 3);
        var organization = Begin(null, last: 10);
        Assert.Equal(OfferResult.OrderGoesFirst, Offer(organization, "a", 5, 11));
        Assert.Equal(4, order.Known);
        Assert.Equal(OfferResult.Settled, Offer(order, "a", 4, 9));
        Assert.Equal(OfferResult.Settled, Offer(organization, "a", 5, 11));
        Assert.Equal(["a4", "a5/11"], Sent);
    }

    [Fact]
    public void Resumed_organization_omits_events_that_an_order_has_sent()
    {
        var order = Begin("a", last: 2);
        Offer(order, "a", 3, 3);
        var organization = Begin(null, last: 3, after: 0);
        Offer(organization, "a", 1, 1);
        Offer(organization, "a", 2, 2);
        Offer(organization, "a", 3, 3);
        Offer(organization, "a", 4, 4);
        Assert.Equal(["a3", "a1/1", "a2/2", "a4/4"], Sent);
        Assert.Equal(4, order.Position);
    }

    [Fact]
    public void Resumed_order_omits_events_that_the_organization_has_sent()
    {
        var organization = Begin(null, last: 2);
        Offer(organization, "a", 3, 3);
        var order = Begin("a", last: 3, after: 0);
        Offer(order, "a", 1, 1);
        Offer(order, "a", 2, 2);
        Assert.Equal(OfferResult.Settled, Offer(order, "a", 3, 3));
        Assert.Equal(OfferResult.LeftToOrganization, Offer(order, "a", 4, 4));
        Assert.Equal(["a3/3", "a1", "a2"], Sent);
        Assert.Equal(3, order.Position);
    }

    [Fact]
    public void Replay_of_the_organization_omits_events_that_an_ended_order_had_sent()
    {
        var order = Begin("a", last: 1);
        Offer(order, "a", 2, 2);
        var organization = Begin(null, last: 2, after: 0);
        organization.IsCatchingUp = true;
        _rules.End(order.Key);
        Offer(organization, "a", 1, 1);
        Offer(organization, "a", 2, 2);
        Offer(organization, "a", 3, 3);
        Assert.Equal(["a2", "a1/1", "a3/3"], Sent);
    }

    [Fact]
    public void Replay_of_an_order_omits_events_that_the_ended_organization_had_sent()
    {
        var organization = Begin(null, last: 1);
        Offer(organization, "a", 2, 2);
        var order = Begin("a", last: 2, after: 0);
        order.IsCatchingUp = true;
        _rules.End(organization.Key);
        Offer(order, "a", 1, 1);
        Offer(order, "a", 2, 2);
        Offer(order, "a", 3, 3);
        Assert.Equal(["a2/2", "a1", "a3"], Sent);
    }

    [Fact]
    public void Events_of_an_ended_subscription_are_sent_again_after_a_new_subscribe()
    {
        var order = Begin("a", last: 1);
        Offer(order, "a", 2, 2);
        _rules.End(order.Key);
        var again = Begin("a", last: 2, after: 0);
        Offer(again, "a", 1, 1);
        Offer(again, "a", 2, 2);
        Assert.Equal(["a2", "a1", "a2"], Sent);
    }

    [Fact]
    public void New_subscription_omits_events_committed_before_it()
    {
        Offer(Begin("b", last: 0), "b", 1, 7);
        // Its feed lags behind: version 4 was committed before the client received sequence 7.
        var order = Begin("a", last: 3);
        Offer(order, "a", 4, 6);
        Offer(order, "a", 5, 8);
        Assert.Equal(["b1", "a5"], Sent);

        // The event was omitted and not sent, so a replay that requests it delivers it.
        var organization = Begin(null, last: 8, after: 5);
        Offer(organization, "a", 4, 6);
        Offer(organization, "b", 1, 7);
        Offer(organization, "a", 5, 8);
        Assert.Equal(["b1", "a5", "a4/6"], Sent);
    }

    [Fact]
    public void Order_continues_after_the_last_event_that_the_organization_sent()
    {
        var order = Begin("a", last: 1);
        var organization = Begin(null, last: 1);
        Offer(organization, "a", 2, 2);
        Assert.Equal(OfferResult.LeftToOrganization, Offer(order, "a", 3, 3));
        _rules.End(organization.Key);
        Assert.Equal(2, order.Position);
        Offer(order, "a", 2, 2);
        Offer(order, "a", 3, 3);
        Assert.Equal(["a2/2", "a3"], Sent);
    }

    private List<string> Sent { get; } = [];

    private Subscription Begin(string? order, long last, long? after = null)
    {
        // The rules do not use the feed.
        var subscription = new Subscription(new FeedKey("shop", order), after, []);
        _rules.Begin(subscription, null!, last);
        _client.Frames.Clear();
        return subscription;
    }

    private OfferResult Offer(Subscription subscription, string order, long version, long sequence)
    {
        var offered = _rules.Offer(subscription, new EventFrame(
            subscription.Key, new EncodedOrderEvent(order, version, sequence, "{}"u8.ToArray())));
        Sent.AddRange(
            _client.Frames.Select(
                _ => subscription.Key.IsOrganization ? $"{order}{version}/{sequence}" : $"{order}{version}"));
        _client.Frames.Clear();
        return offered;
    }
}
