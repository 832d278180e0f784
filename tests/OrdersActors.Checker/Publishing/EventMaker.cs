using System.Text;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Publishing;

/// <summary>Makes a publisher's events. Each event carries the publisher's counter.</summary>
internal sealed class EventMaker(Map map, int publisher)
{
    private static readonly string[] Words =
        ["created", "paid", "packed", "unterwegs zur Straße", "доставлен", "\"signed\" & done"];

    private long _counter;

    /// <summary>
    /// An event that reuses the id of a stored event and must be refused. The ledger knows it under a separate id.
    /// </summary>
    public (OrderStatusEvent Event, LedgerEvent Known) MakeConflict(Shop shop, int order, string usedId)
    {
        var (e, known) = Make(shop, order, isBad: true, status: "another status");
        return (e with { Id = usedId }, known);
    }

    /// <summary>An event for an order. Padding in its details makes it about as large as requested.</summary>
    public (OrderStatusEvent Event, LedgerEvent Known) Make(
        Shop shop, int order, int size = 0, bool isBad = false, string? status = null)
    {
        var counter = _counter++;
        var (publisherField, counterField) = ($"\"publisher\":{publisher}", $"\"counter\":{counter}");
        var paddingField = $"\"padding\":\"{new string('x', size)}\"";
        var hasDetails = counter % 5 != 4 || size > 0;
        // Rounded to microseconds, which is the precision of the log.
        var now = DateTimeOffset.UtcNow;
        var e = new OrderStatusEvent
        {
            Id = $"p{publisher}-{counter}",
            OrderId = map.IdOf(order),
            Status = status ?? Words[counter % Words.Length],
            OccurredAt = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)),
            // White space between tokens has no meaning, and the server does not keep it.
            Details = hasDetails ? $"{{ {publisherField}, {counterField}\n, {paddingField} }}" : null,
        };
        var details = Encoding.UTF8.GetBytes(hasDetails ? $"{{{publisherField},{counterField},{paddingField}}}" : "");
        var content = ContentHash.Of(shop.Id, e.OrderId, e.Id, e.Status, e.OccurredAt, details);
        return (e, new LedgerEvent(e.Id, shop.Index, order, content, publisher, counter) { IsBad = isBad });
    }
}
