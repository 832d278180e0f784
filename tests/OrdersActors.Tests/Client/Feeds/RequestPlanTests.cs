using OrdersActors.Client;
using OrdersActors.Client.Feeds;
using OrdersActors.Client.Protocol;

namespace OrdersActors.Tests.Client.Feeds;

public class RequestPlanTests
{
    private readonly RequestPlan _plan = new();

    [Fact]
    public void Nothing_is_requested_before_the_connection_begins()
    {
        _plan.Add(NewFeed("o-1"));
        Assert.Null(_plan.Next());
        _plan.Begin(isConnected: true);
        Assert.Null(_plan.Next());
        _plan.Add(NewFeed("o-1"));
        Assert.NotNull(_plan.Next());
        Assert.Null(_plan.Next());
    }

    [Fact]
    public void Organization_is_requested_first_and_the_orders_in_one_message()
    {
        _plan.Begin(isConnected: true);
        Feed[] feeds = [NewFeed("o-1", 4), NewFeed(null, 9), NewFeed("o-2")];
        Array.ForEach(feeds, _plan.Add);
        var (first, organization) = _plan.Next()!.Value;
        Assert.Equal(("subscribe", null, 9L), (first.Type, first.Data!.OrderId, first.Data.After));
        Assert.Same(feeds[1], Assert.Single(organization));
        Assert.True(_plan.IsOrganizationUsed);
        var (second, orders) = _plan.Next()!.Value;
        Assert.Equal(["o-1", "o-2"], second.Data!.Orders!.Select(entry => entry.OrderId));
        Assert.Equal([feeds[0], feeds[2]], orders);
        Assert.All(feeds, feed => Assert.Equal(FeedStatus.Requested, feed.Status));
    }

    [Fact]
    public void Single_order_needs_no_list()
    {
        _plan.Begin(isConnected: true);
        _plan.Add(NewFeed("o-1", 3));
        var (message, _) = _plan.Next()!.Value;
        Assert.Equal(("o-1", 3L, null), (message.Data!.OrderId, message.Data.After, message.Data.Orders));
    }

    [Fact]
    public void Messages_are_shorter_than_the_server_accepts_and_have_all_orders()
    {
        _plan.Begin(isConnected: true);
        string[] orders = [.. Enumerable.Range(0, 1000).Select(i => $"{i}-{new string('ü', 60)}")];
        Array.ForEach(orders, order => _plan.Add(NewFeed(order, 1)));
        var seen = new List<string?>();
        while (_plan.Next() is var (message, feeds))
        {
            Assert.InRange(ClientJson.Write(message with { Id = long.MaxValue }).Length, 1, 16 * 1024);
            seen.AddRange(feeds.Select(feed => feed.OrderId));
        }

        Assert.Equal(orders.Order(), seen.Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Feed_that_was_requested_is_unsubscribed_before_further_requests(bool isConfirmed)
    {
        _plan.Begin(isConnected: true);
        var left = NewFeed("o-1");
        _plan.Add(left);
        _plan.Next();
        left.Status = isConfirmed ? FeedStatus.Live : FeedStatus.Requested;
        _plan.Add(NewFeed("o-2"));
        _plan.Remove(left);
        var (message, feeds) = _plan.Next()!.Value;
        Assert.Equal(("unsubscribe", "o-1"), (message.Type, message.Data!.OrderId));
        Assert.Empty(feeds);
        Assert.Equal("o-2", _plan.Next()!.Value.Message.Data!.OrderId);
    }

    [Fact]
    public void Feed_that_was_not_requested_is_just_forgotten()
    {
        _plan.Begin(isConnected: true);
        var left = NewFeed("o-1");
        _plan.Add(left);
        _plan.Remove(left);
        Assert.Null(_plan.Next());
    }

    [Fact]
    public void Past_of_an_order_after_the_organization_needs_a_new_connection()
    {
        _plan.Begin(isConnected: true);
        _plan.Add(NewFeed(null));
        _plan.Next();
        var live = NewFeed("o-1");
        live.IsAfterOrganization = true;
        _plan.Add(live);
        Assert.Equal("o-1", _plan.Next()!.Value.Message.Data!.OrderId);
        var past = NewFeed("o-2", 0);
        past.IsAfterOrganization = true;
        _plan.Add(past);
        Assert.Null(_plan.Next());
        Assert.True(_plan.MustRenew);
        _plan.Begin(isConnected: true);
        past.Reset();
        _plan.Add(past);
        Assert.Equal("o-2", _plan.Next()!.Value.Message.Data!.OrderId);
        Assert.False(_plan.MustRenew);
    }

    [Fact]
    public void Organization_after_an_order_needs_a_new_connection()
    {
        _plan.Begin(isConnected: true);
        _plan.Add(NewFeed("o-1"));
        _plan.Next();
        _plan.Add(NewFeed(null));
        Assert.Null(_plan.Next());
        Assert.True(_plan.MustRenew);
    }

    [Fact]
    public void Refused_feed_may_be_requested_again_with_its_past()
    {
        _plan.Begin(isConnected: true);
        var feed = NewFeed("o-1", 5);
        _plan.Add(feed);
        _plan.Next();
        _plan.OnRefused(feed);
        Assert.Equal(FeedStatus.Idle, feed.Status);
        _plan.Add(feed);
        Assert.Equal(5, _plan.Next()!.Value.Message.Data!.After);
        Assert.False(_plan.MustRenew);
    }

    private static Feed NewFeed(string? order, long? after = null)
    {
        var feed = new Feed(order);
        feed.Add(new Watch(feed, after is { } number ? number : WatchStart.Now, 1024 * 1024));
        return feed;
    }
}
