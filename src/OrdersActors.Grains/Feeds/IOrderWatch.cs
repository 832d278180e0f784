using Orleans.Concurrency;

namespace OrdersActors.Grains.Feeds;

/// <summary>How an order's grain tells its organization's that somebody watches the order. Implemented by <see cref="OrganizationGrain"/>.</summary>
[Alias("OrdersActors.Grains.IOrderWatch")]
internal interface IOrderWatch : IGrainWithStringKey
{
    /// <summary>
    /// From now on, for as long as a front end's lease, the order's grain is told of the order's events. Interleaves with everything,
    /// also in a silo of a previous version, whose organizations wait for their orders. Fails when not answered within
    /// five seconds.
    /// </summary>
    /// <returns>Whether it was being told before: otherwise events that are newer than it knows may have passed.</returns>
    [Alias("Watch"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<bool> Watch(string orderId);
}
