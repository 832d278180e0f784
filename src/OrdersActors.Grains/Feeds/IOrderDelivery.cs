namespace OrdersActors.Grains.Feeds;

/// <summary>How an organization's grain passes events on to its orders' grains. Implemented by <see cref="OrderGrain"/>.</summary>
[Alias("OrdersActors.Grains.IOrderDelivery")]
internal interface IOrderDelivery : IGrainWithStringKey
{
    /// <summary>Events of this order, in version order. Repeats are dropped. Fails when not answered within five seconds.</summary>
    [Alias("Deliver"), ResponseTimeout("00:00:05")]
    Task Deliver(string organizationId, [Immutable] EncodedOrderEvent[] events);
}
