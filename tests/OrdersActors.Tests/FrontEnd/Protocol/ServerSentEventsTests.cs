using System.Text;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class ServerSentEventsTests
{
    [Theory]
    [InlineData("e1", "id: e1:7")]
    [InlineData(null, "id: 7")]
    public void Event_has_its_epoch_and_number_as_id(string? epoch, string id) =>
        Assert.Equal(
            $"event: event\n{id}\ndata: {{\"a\":1}}\n\n",
            Encoding.UTF8.GetString(ServerSentEvents.Event(epoch, 7, "{\"a\":1}"u8)));

    [Fact]
    public void Line_breaks_between_the_tokens_do_not_end_the_field() =>
        Assert.Equal(
            "event: event\nid: 1\ndata: {  \"a\": 1 }\n\n",
            Encoding.UTF8.GetString(ServerSentEvents.Event(null, 1, "{\r\n\"a\": 1\n}"u8)));

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    [InlineData(70_000)]
    public void Frame_of_an_event_has_the_same_event_in_both_encodings_and_encodes_each_once(int size)
    {
        var json = $$$"""{"details":{"x":"{{{new string('x', size)}}}"}}""";
        var e = new EncodedOrderEvent("o", 3, 5, Encoding.UTF8.GetBytes(json), "e1");
        var order = new EventFrame(new FeedKey("shop", "o"), e);
        Assert.Equal(
            $"event: event\nid: e1:3\ndata: {json}\n\n", Encoding.UTF8.GetString(order.In(FrameEncoding.ServerSent)));
        Assert.Same(order.In(FrameEncoding.ServerSent), order.In(FrameEncoding.ServerSent));
        Assert.Same(order.Bytes, order.In(FrameEncoding.WebSocket));
        var organization = new EventFrame(new FeedKey("shop", null), e);
        Assert.Equal(
            $"event: event\nid: e1:5\ndata: {json[..^1]},\"sequence\":5}}\n\n",
            Encoding.UTF8.GetString(organization.In(FrameEncoding.ServerSent)));
    }

    [Fact]
    public void Confirmation_of_a_rewritten_history_has_the_start_as_its_id()
    {
        var resumed = new ResumePoint(9, null, "old").In(new FeedBounds(4, 8, "new"))!;
        Assert.Equal(
            "retry: 1500\nevent: subscription\nid: new:3\ndata: {\"scope\":\"organization\",\"status\":\"subscribed\","
            + "\"resumed\":false,\"earliest\":4,\"epoch\":\"new\",\"position\":8}\n\n",
            Encoding.UTF8.GetString(ServerSentEvents.Subscription(null, resumed, TimeSpan.FromSeconds(1.5))));
    }
}
