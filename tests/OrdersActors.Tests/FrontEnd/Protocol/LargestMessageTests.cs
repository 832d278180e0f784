using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class LargestMessageTests
{
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

    private static string Longest(int length) => string.Concat(Enumerable.Repeat("😀", length));
}
