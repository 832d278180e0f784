using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

/// <summary>Which event goes out, and through which subscription: the cases that are hard to bring about by timing.</summary>
public sealed class DeliveryRulesTests
{
    private readonly List<byte[]> _sent = [];
    private readonly DeliveryRules _rules;

    public DeliveryRulesTests() => _rules = new DeliveryRules(_sent.Add);

    [Fact]
    public void The_next_event_is_sent_an_older_one_dropped_and_a_later_one_shows_that_something_is_missing()
    {
        var order = Begin("a", last: 3);
        Assert.Equal(Offered.Settled, Offer(order, "a", 4, 10));
        Assert.Equal(Offered.Settled, Offer(order, "a", 4, 10));
        Assert.Equal(Offered.Missing, Offer(order, "a", 6, 12));
        Assert.Equal(["a4"], Sent);
    }

    [Fact]
    public void What_is_past_the_organizations_start_is_left_to_it()
    {
        var order = Begin("a", last: 3);
        var organization = Begin(null, last: 10);
        Assert.Equal(Offered.Settled, Offer(order, "a", 4, 9));
        Assert.Equal(Offered.LeftToOrganization, Offer(order, "a", 5, 11));
        Assert.Equal(Offered.Settled, Offer(organization, "a", 5, 11));
        Assert.Equal(Offered.Settled, Offer(order, "a", 5, 11));
        Assert.Equal(["a4", "a5/11"], Sent);
    }

    [Fact]
    public void An_orders_earlier_versions_go_before_the_organizations_event()
    {
        var order = Begin("a", last: 3);
        var organization = Begin(null, last: 10);
        Assert.Equal(Offered.OrderGoesFirst, Offer(organization, "a", 5, 11));
        Assert.Equal(4, order.Known);
        Assert.Equal(Offered.Settled, Offer(order, "a", 4, 9));
        Assert.Equal(Offered.Settled, Offer(organization, "a", 5, 11));
        Assert.Equal(["a4", "a5/11"], Sent);
    }

    [Fact]
    public void A_resumed_organization_leaves_out_what_an_order_has_sent_and_sends_what_it_has_not()
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
    public void A_resumed_order_leaves_out_what_the_organization_has_sent()
    {
        var organization = Begin(null, last: 2);
        Offer(organization, "a", 3, 3);
        var order = Begin("a", last: 3, after: 0);
        Offer(order, "a", 1, 1);
        Offer(order, "a", 2, 2);
        Assert.Equal(Offered.Settled, Offer(order, "a", 3, 3));
        Assert.Equal(Offered.LeftToOrganization, Offer(order, "a", 4, 4));
        Assert.Equal(["a3/3", "a1", "a2"], Sent);
        Assert.Equal(3, order.Position);
    }

    [Fact]
    public void While_a_replay_runs_what_an_order_that_ended_had_sent_is_left_out()
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
    public void While_a_replay_runs_what_the_organization_had_sent_is_left_out()
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
    public void What_an_ended_subscription_had_sent_comes_again_when_it_is_asked_for_again()
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
    public void A_new_subscription_leaves_out_what_was_committed_before_it()
    {
        Offer(Begin("b", last: 0), "b", 1, 7);
        // Its feed lags behind: version 4 was committed before the client had seen sequence 7.
        var order = Begin("a", last: 3);
        Offer(order, "a", 4, 6);
        Offer(order, "a", 5, 8);
        Assert.Equal(["b1", "a5"], Sent);

        // It was left out and not sent, so a replay that asks for it brings it.
        var organization = Begin(null, last: 8, after: 5);
        Offer(organization, "a", 4, 6);
        Offer(organization, "b", 1, 7);
        Offer(organization, "a", 5, 8);
        Assert.Equal(["b1", "a5", "a4/6"], Sent);
    }

    [Fact]
    public void An_order_goes_on_from_where_the_organization_brought_it()
    {
        var order = Begin("a", last: 1);
        var organization = Begin(null, last: 1);
        Offer(organization, "a", 2, 2);
        Assert.Equal(Offered.LeftToOrganization, Offer(order, "a", 3, 3));
        _rules.End(organization.Key);
        Assert.Equal(2, order.Position);
        Offer(order, "a", 2, 2);
        Offer(order, "a", 3, 3);
        Assert.Equal(["a2/2", "a3"], Sent);
    }

    private List<string> Sent { get; } = [];

    private Subscription Begin(string? order, long last, long? after = null)
    {
        // Without a connection and a feed: the rules look at neither.
        var subscription = new Subscription(new FeedKey("shop", order), null!, after, []);
        _rules.Begin(subscription, null!, last);
        _sent.Clear();
        return subscription;
    }

    private Offered Offer(Subscription subscription, string order, long version, long sequence)
    {
        var offered = _rules.Offer(subscription, new EventFrame(
            subscription.Key, new EncodedOrderEvent(order, version, sequence, "{}"u8.ToArray())));
        Sent.AddRange(_sent.Select(_ => subscription.Key.IsOrganization ? $"{order}{version}/{sequence}" : $"{order}{version}"));
        _sent.Clear();
        return offered;
    }
}
