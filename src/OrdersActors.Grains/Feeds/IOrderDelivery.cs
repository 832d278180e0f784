namespace OrdersActors.Grains.Feeds;

/// <summary>
/// An organization's grain passes events on to its orders' grains through this interface. Implemented by
/// <see cref="OrderGrain"/>.
/// </summary>
[Alias("OrdersActors.Grains.IOrderDelivery")]
internal interface IOrderDelivery : IGrainWithStringKey
{
    /// <summary>
    /// Delivers events of this order, in version order. Duplicates are dropped. Fails if not answered within five
    /// seconds.
    /// </summary>
    [Alias("Deliver"), ResponseTimeout("00:00:05")]
    Task Deliver(string organizationId, [Immutable] EncodedOrderEvent[] events);
}
