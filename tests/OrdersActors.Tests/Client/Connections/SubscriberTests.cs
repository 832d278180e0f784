using Microsoft.Extensions.Time.Testing;
using OrdersActors.Client;
using OrdersActors.Client.Connections;
using OrdersActors.Client.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Client.Connections;

public sealed class SubscriberTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FeedTable _feeds = new(1024 * 1024);
    private readonly Subscriber _subscriber;

    public SubscriberTests() => _subscriber = new Subscriber(_feeds, _time, new Random(1));

    public void Dispose() => _subscriber.Dispose();

    [Fact]
    public void Confirmed_feed_is_returned_and_is_no_longer_awaited()
    {
        _feeds.Join("o-1", 0);
        _feeds.Join("o-2", 0);
        var left = Request();
        var confirmed = _subscriber.OnReply(left, FeedEvents.Confirmed("o-2", 4));
        Assert.Equal(("o-2", FeedStatus.Live), (confirmed!.OrderId, confirmed.Status));
        Assert.Equal("o-1", Assert.Single(left).OrderId);
    }

    [Fact]
    public void Refused_order_ends_its_watch_only()
    {
        var denied = _feeds.Join("o-1", 0);
        var other = _feeds.Join("o-2", 0);
        var left = Request();
        Assert.Null(_subscriber.OnReply(left, FeedEvents.Refused("o-1", "access_denied")));
        Assert.Equal("access_denied", Assert.Throws<OrdersClientException>(() => denied.Read()).Code);
        Assert.Empty(other.Read());
        Assert.Equal("o-2", Assert.Single(left).OrderId);
    }

    [Fact]
    public void Error_without_an_order_refuses_all_that_are_left()
    {
        var confirmed = _feeds.Join("o-1", 0);
        Watch[] refused = [_feeds.Join("o-2", 0), _feeds.Join("o-3", 0)];
        var left = Request();
        _subscriber.OnReply(left, FeedEvents.Confirmed("o-1", 0));
        _subscriber.OnReply(left, FeedEvents.Refused(null, "invalid_message"));
        Assert.Empty(left);
        Assert.All(
            refused,
            watch => Assert.Equal(
                "invalid_message", Assert.Throws<OrdersClientException>(() => watch.Read()).Code));
        Assert.Empty(confirmed.Read());
    }

    [Fact]
    public void Confirmation_without_a_position_or_of_another_order_is_not_a_reply()
    {
        _feeds.Join("o-1", 0);
        var left = Request();
        Assert.Null(_subscriber.OnReply(left, FeedEvents.Confirmed("o-other", 4)));
        Assert.Null(_subscriber.OnReply(left, FeedEvents.Reply(
            "subscription", new { order_id = "o-1", scope = "order", status = "subscribed" })));
        Assert.Single(left);
    }

    [Theory]
    [InlineData("unavailable", null, 500)]
    [InlineData("rate_limited", 1500, 2000)]
    public async Task Temporary_refusal_is_requested_again_not_before_its_time(string code, int? retryAfter, int least)
    {
        var watch = _feeds.Join("o-1", 0);
        _subscriber.OnReply(Request(), FeedEvents.Refused("o-1", code, retryAfter));
        await _time.AdvanceInStepsAsync(TimeSpan.FromMilliseconds(least - 1));
        Assert.Null(_feeds.NextRequest());
        // The first back-off is at most a second.
        await _time.AdvanceInStepsAsync(TimeSpan.FromMilliseconds(501));
        var left = Request();
        Assert.Equal("o-1", Assert.Single(left).OrderId);
        _subscriber.OnReply(left, FeedEvents.Confirmed("o-1", 0));
        Assert.Empty(watch.Read());
    }

    [Fact]
    public async Task Several_refusals_are_requested_again_together_when_the_last_of_them_may()
    {
        string[] orders = ["o-1", "o-2", "o-3"];
        Array.ForEach(orders, order => _feeds.Join(order, 0));
        var left = Request();
        _subscriber.OnReply(left, FeedEvents.Refused("o-1", "unavailable"));
        _subscriber.OnReply(left, FeedEvents.Refused("o-2", "rate_limited", 5000));
        _subscriber.OnReply(left, FeedEvents.Refused("o-3", "unavailable"));
        await _time.AdvanceInStepsAsync(TimeSpan.FromMilliseconds(4900));
        Assert.Null(_feeds.NextRequest());
        await _time.AdvanceInStepsAsync(TimeSpan.FromMilliseconds(1200));
        Assert.Equal(orders, Request().Select(feed => feed.OrderId).Order());
    }

    [Fact]
    public async Task Order_that_nobody_watches_any_more_is_not_requested_again()
    {
        var watch = _feeds.Join("o-1", 0);
        _subscriber.OnReply(Request(), FeedEvents.Refused("o-1", "unavailable"));
        _feeds.Leave(watch);
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(2));
        Assert.Null(_feeds.NextRequest());
    }

    /// <summary>Begins the connection if it has not begun, and takes the feeds of its next message.</summary>
    private List<Feed> Request()
    {
        if (_feeds.NextRequest() is var (_, feeds))
        {
            return feeds;
        }

        _feeds.Begin(isConnected: true);
        return _feeds.NextRequest()!.Value.Feeds;
    }
}
