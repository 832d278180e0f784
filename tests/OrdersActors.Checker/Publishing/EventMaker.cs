using System.Text;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Publishing;

/// <summary>Makes a publisher's events; each carries the publisher's own counter.</summary>
internal sealed class EventMaker(Map map, int publisher)
{
    private static readonly string[] Words = ["created", "paid", "packed", "unterwegs zur Straße", "доставлен", "\"signed\" & done"];

    private long _counter;

    /// <summary>An event for an order, with so much in its details that it is about as large as asked.</summary>
    public (OrderStatusEvent Event, PublishedEvent Known) Make(
        Shop shop, int order, int size = 0, bool isBad = false, string? status = null)
    {
        var counter = _counter++;
        // Sent to the microsecond, which is what is kept.
        var now = DateTimeOffset.UtcNow;
        var e = new OrderStatusEvent
        {
            Id = $"p{publisher}-{counter}",
            OrderId = map.Orders[order],
            Status = status ?? Words[counter % Words.Length],
            OccurredAt = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)),
            Details = counter % 5 == 4 && size == 0
                ? null
                : $$"""{ "publisher": {{publisher}}, "counter":{{counter}}, "padding": "{{new string('x', size)}}" }""",
        };
        var details = Encoding.UTF8.GetBytes(e.Details ?? "");
        var content = ContentHash.Of(shop.Id, e.OrderId, e.Id, e.Status, e.OccurredAt, details);
        return (e, new PublishedEvent(e.Id, shop.Index, order, content, publisher, counter) { IsBad = isBad });
    }
}
