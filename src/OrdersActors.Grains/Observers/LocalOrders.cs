using System.Collections.Concurrent;

namespace OrdersActors.Grains.Observers;

/// <summary>
/// The observed orders with a grain on this silo. The organization's grain passes on their live events directly,
/// without the two messages of a call to the order's grain.
/// </summary>
/// <remarks>
/// If outgoing grain calls are filtered, nothing is passed on here, because a filter must see every call. Thread-safe.
/// </remarks>
internal sealed class LocalOrders(LocalObservers locals)
{
    private readonly ConcurrentDictionary<FeedKey, OrderObservers> _orders = new();

    /// <summary>
    /// Offers events of an order to its observers. Returns false and does nothing if the order's grain must be called.
    /// </summary>
    public bool TryOffer(FeedKey order, EncodedOrderEvent[] events) =>
        _orders.TryGetValue(order, out var observers) && observers.TryOffer(events);

    /// <summary>Adds an order, or removes it.</summary>
    public void Set(FeedKey order, OrderObservers observers, bool isObserved)
    {
        if (isObserved && locals.IsEnabled)
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
