using System.Security.Cryptography;
using OrdersActors.Publishing;

namespace OrdersActors.Server.Board;

/// <summary>
/// The demo orders placed since the server started, and the progress of each. They are in memory and bounded: beyond
/// <see cref="MaxOrders"/> the oldest one is removed. A removed order can no longer be advanced; its events stay in the
/// log.
/// </summary>
/// <remarks>
/// A step is completed when its event is committed. If publishing an event fails or is interrupted, the next advance
/// publishes the same event again under the same id. So no step is skipped or published twice. For the same reason, two
/// concurrent advances are one step.
/// </remarks>
internal sealed class DemoOrders(IOrderStatusPublisher publisher, TimeProvider time)
{
    /// <summary>The maximum number of orders that are kept.</summary>
    public const int MaxOrders = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DemoOrder> _orders = [];
    private readonly Queue<string> _oldestFirst = new();

    /// <summary>Publishes the first event of a new order and returns it.</summary>
    public async Task<OrderStatusEvent> PlaceAsync(CancellationToken cancellationToken)
    {
        // 50 random bits, because orders stay in the log after this process ends, and the id must not occur among them.
        // The page recognizes demo orders by the prefix.
        var order = new DemoOrder("demo-" + RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", 10));
        Remember(order);
        return (await AdvanceAsync(order, cancellationToken))!;
    }

    /// <summary>Returns an order that can be advanced, or null if it is unknown or removed.</summary>
    public DemoOrder? Find(string orderId)
    {
        lock (_gate)
        {
            return _orders.GetValueOrDefault(orderId);
        }
    }

    /// <summary>Publishes an order's next event and returns it, or null after the last one.</summary>
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
