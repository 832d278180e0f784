using System.Text;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class ServerFramesTests
{
    [Fact]
    public void A_confirmation_without_resuming_has_the_seeds_fields_only() => Assert.Equal(
        """{"type":"subscription","data":{"order_id":"o","scope":"order","status":"subscribed"}}""",
        Text(ServerFrames.Subscription(null, "o", subscribed: true)));

    [Fact]
    public void A_confirmation_of_a_resumed_subscription_says_where_the_feed_is() => Assert.Equal(
        """{"type":"subscription","data":{"scope":"organization","status":"subscribed","resumed":true,"epoch":"e","position":20},"id":7}""",
        Text(ServerFrames.Subscription("7", null, subscribed: true, new ResumedFrom(3, null, new FeedBounds(1, 20, "e")))));

    [Fact]
    public void A_confirmation_of_a_rewritten_history_says_what_comes_first() => Assert.Equal(
        """{"type":"subscription","data":{"order_id":"o","scope":"order","status":"subscribed","resumed":false,"earliest":10,"epoch":"e","position":20}}""",
        Text(ServerFrames.Subscription(null, "o", subscribed: true, new ResumedFrom(9, 10, new FeedBounds(10, 20, "e")))));

    [Fact]
    public void A_silo_that_does_not_know_the_epoch_leaves_it_out() => Assert.Equal(
        """{"type":"subscription","data":{"order_id":"o","scope":"order","status":"subscribed","resumed":true}}""",
        Text(ServerFrames.Subscription(null, "o", subscribed: true, new ResumedFrom(3, null, new FeedBounds(1, 20)))));

    internal static string Text(byte[] frame)
    {
        var header = frame[1] switch { < 126 => 2, 126 => 4, _ => 10 };
        return Encoding.UTF8.GetString(frame.AsSpan(header));
    }
}
