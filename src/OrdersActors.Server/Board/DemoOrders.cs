using System.Security.Cryptography;
using OrdersActors.Publishing;

namespace OrdersActors.Server.Board;

/// <summary>
/// The demo orders placed since the server started, and how far each one is. Held in memory and bounded: past
/// <see cref="MaxOrders"/> the one placed first is forgotten, which means that it can no longer be advanced; what was
/// published of it stays.
/// </summary>
/// <remarks>
/// A step counts once its event is committed. An event whose publishing failed, or was interrupted, is kept and
/// published again under its id by the next advance, so no step is skipped or published twice. For the same reason two
/// advances at the same moment are one step.
/// </remarks>
internal sealed class DemoOrders(IOrderStatusPublisher publisher, TimeProvider time)
{
    /// <summary>How many orders are remembered.</summary>
    public const int MaxOrders = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DemoOrder> _orders = [];
    private readonly Queue<string> _oldestFirst = new();

    /// <summary>Publishes the first event of a new order and returns it.</summary>
    public async Task<OrderStatusEvent> PlaceAsync(CancellationToken cancellationToken)
    {
        // 50 bits: the log keeps orders for longer than this process lives, and must not have had this one before. The
        // page knows its own demo orders by the prefix.
        var order = new DemoOrder("demo-" + RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", 10));
        Remember(order);
        return (await AdvanceAsync(order, cancellationToken))!;
    }

    /// <summary>An order that can be advanced; null where it is unknown or forgotten.</summary>
    public DemoOrder? Find(string orderId)
    {
        lock (_gate)
        {
            return _orders.GetValueOrDefault(orderId);
        }
    }

    /// <summary>Publishes an order's next event and returns it; null after the last one.</summary>
    public async Task<OrderStatusEvent?> AdvanceAsync(DemoOrder order, CancellationToken cancellationToken)
    {
        var next = order.Begin(time.GetUtcNow());
        if (next is not null)
        {
            await publisher.PublishAsync(DemoAccount.Current.Organization, next, cancellationToken);
            order.Complete(next);
        }

        return next;
    }

    private void Remember(DemoOrder order)
    {
        lock (_gate)
        {
            _orders.Add(order.Id, order);
            _oldestFirst.Enqueue(order.Id);
            if (_oldestFirst.Count > MaxOrders)
            {
                _orders.Remove(_oldestFirst.Dequeue());
            }
        }
    }
}
