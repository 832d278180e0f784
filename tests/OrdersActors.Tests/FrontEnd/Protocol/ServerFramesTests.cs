using System.Text;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class ServerFramesTests
{
    [Fact]
    public void Confirmation_without_resuming_has_only_the_fields_of_the_seed() => Assert.Equal(
        """{"type":"subscription","data":{"order_id":"o","scope":"order","status":"subscribed"}}""",
        Text(ServerFrames.Subscription(null, "o", subscribed: true)));

    [Fact]
    public void Answer_to_a_connect_states_the_expiry_only_with_a_token()
    {
        var expiresAt = new DateTimeOffset(2026, 1, 2, 4, 4, 5, 999, TimeSpan.FromHours(1));
        Assert.Equal(
            """{"type":"connected","data":{"status":"authenticated"}}""", Text(ServerFrames.Connected(null)));
        Assert.Equal(
            """{"type":"connected","data":{"status":"authenticated","expires_at":"2026-01-02T03:04:05Z"},"id":7}""",
            Text(ServerFrames.Connected("7", expiresAt)));
        Assert.Equal(
            """{"type":"expiring","data":{"expires_at":"2026-01-02T03:04:05Z"}}""",
            Text(ServerFrames.Expiring(expiresAt)));
    }

    [Fact]
    public void Confirmation_of_a_resumed_subscription_names_the_feeds_position() => Assert.Equal(
        """{"type":"subscription","data":{"scope":"organization","status":"subscribed","resumed":"""
        + """true,"epoch":"e","position":20},"id":7}""",
        Text(ServerFrames.Subscription(
            "7", null, subscribed: true, new ResumedFrom(3, null, new FeedBounds(1, 20, "e")))));

    [Fact]
    public void Confirmation_after_rewritten_history_names_the_first_replayed_event() => Assert.Equal(
        """{"type":"subscription","data":{"order_id":"o","scope":"order","status":"subscribed","resumed":"""
        + """false,"earliest":10,"epoch":"e","position":20}}""",
        Text(ServerFrames.Subscription(
            null, "o", subscribed: true, new ResumedFrom(9, 10, new FeedBounds(10, 20, "e")))));

    [Fact]
    public void Epoch_unknown_to_the_silo_is_omitted() => Assert.Equal(
        """{"type":"subscription","data":{"order_id":"o","scope":"order","status":"subscribed","resumed":true}}""",
        Text(ServerFrames.Subscription(null, "o", subscribed: true, new ResumedFrom(3, null, new FeedBounds(1, 20)))));

    [Fact]
    public void No_event_exceeds_the_documented_message_size()
    {
        // Characters outside of the basic plane: two UTF-16 units each, escaped to twelve bytes.
        var details = $$"""{"text":"{{new string('x', OrderEventRules.MaxDetailsBytes - 11)}}"}""";
        var e = new OrderEvent
        {
            Id = Longest(OrderEventRules.MaxEventIdLength),
            OrganizationId = Longest(OrderEventRules.MaxOrganizationIdLength),
            OrderId = Longest(OrderEventRules.MaxOrderIdLength),
            Status = Longest(OrderEventRules.MaxStatusLength),
            Details = details,
            OccurredAt = DateTimeOffset.MaxValue,
            Version = long.MaxValue,
            Sequence = long.MaxValue,
        };
        var frame = ServerFrames.OrganizationEvent(OrderEventJson.Encode(e));
        Assert.InRange(frame.Length, OrderEventRules.MaxDetailsBytes + (12 * 384), ServerFrames.MaxMessageBytes);
    }

    internal static string Text(byte[] frame)
    {
        var header = frame[1] switch { < 126 => 2, 126 => 4, _ => 10 };
        return Encoding.UTF8.GetString(frame.AsSpan(header));
    }

    private static string Longest(int length) => string.Concat(Enumerable.Repeat("😀", length));
}
