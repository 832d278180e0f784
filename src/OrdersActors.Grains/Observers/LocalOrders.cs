using System.Collections.Concurrent;

namespace OrdersActors.Grains.Observers;

/// <summary>
/// The orders with a grain on this silo whose observers are all in this process. The organization's grain passes on
/// their live events directly. Thread-safe.
/// </summary>
internal sealed class LocalOrders
{
    private readonly ConcurrentDictionary<FeedKey, OrderObservers> _orders = new();

    /// <summary>
    /// Offers events of an order to its observers. Returns false and does nothing if the order's grain must be called.
    /// </summary>
    public bool TryOffer(FeedKey order, EncodedOrderEvent[] events) =>
        _orders.TryGetValue(order, out var observers) && observers.TryOffer(events);

    /// <summary>Adds an order, or removes it.</summary>
    public void Set(FeedKey order, OrderObservers observers, bool isLocal)
    {
        if (isLocal)
        {
            _orders[order] = observers;
        }
        else
        {
            // Another activation may have taken the place.
            _orders.TryRemove(new KeyValuePair<FeedKey, OrderObservers>(order, observers));
        }
    }
}
