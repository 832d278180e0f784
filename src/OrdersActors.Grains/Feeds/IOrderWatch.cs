using Orleans.Concurrency;

namespace OrdersActors.Grains.Feeds;

/// <summary>
/// An order's grain registers with its organization's grain through this interface if the order has observers.
/// Implemented by <see cref="OrganizationGrain"/>.
/// </summary>
[Alias("OrdersActors.Grains.IOrderWatch")]
internal interface IOrderWatch : IGrainWithStringKey
{
    /// <summary>
    /// Registers the order for one lease of a front end: the order's grain gets the order's events from now on. The
    /// call interleaves with all others, because the organization grain of a previous version waits for its order
    /// grains. Fails if not answered within five seconds.
    /// </summary>
    /// <returns>
    /// Whether the order was registered before. Used by the order grain of a previous version, which has read the log
    /// before this call and reads it again if the order was not registered.
    /// </returns>
    [Alias("Watch"), AlwaysInterleave, ResponseTimeout(Deadlines.GrainCall)]
    Task<bool> Watch(string orderId);
}
