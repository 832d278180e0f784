namespace OrdersActors.Grains.Feeds;

/// <summary>
/// An organization's grain passes events on to its orders' grains through this interface. Implemented by
/// <see cref="OrderGrain"/>.
/// </summary>
[Alias("OrdersActors.Grains.IOrderDelivery")]
internal interface IOrderDelivery : IGrainWithStringKey
{
    /// <summary>
    /// Delivers events of this order. The events of one call are in version order. They may be duplicates, follow a
    /// gap, or be older than those of an earlier call; the receiver drops what its observers have. Fails if not
    /// answered within five seconds.
    /// </summary>
    /// <param name="organizationId">
    /// Not used: the grain's key contains the organization. It stays, because silos of a previous version send and
    /// expect it.
    /// </param>
    /// <param name="events">The events, at least one, all of the same epoch.</param>
    [Alias("Deliver"), ResponseTimeout(Deadlines.GrainCall)]
    Task Deliver(string organizationId, [Immutable] EncodedOrderEvent[] events);
}
