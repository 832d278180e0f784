namespace OrdersActors.Cluster.Appends;

/// <summary>
/// Appends on the home silo of an organization. The grain's key is the organization's id. The alias is the name that a
/// silo of a previous version knows.
/// </summary>
[Alias("OrdersActors.Grains.IOwnerWriter")]
internal interface IHomeAppendGrain : IGrainWithStringKey
{
    /// <summary>
    /// Like <see cref="IEventWriterGrain.Append"/>. Fails within <see cref="Deadlines.HomeAppendCall"/>.
    /// </summary>
    [Alias("Append"), ResponseTimeout(Deadlines.HomeAppendCall)]
    Task Append([Immutable] OrderStatusEvent[] events);

    /// <summary>
    /// Like <see cref="IEventWriterGrain.Store"/>. Fails within <see cref="Deadlines.HomeAppendCall"/>. A silo of a
    /// previous version does not know this method, so the calling silo appends the events itself.
    /// </summary>
    [Alias("Store"), ResponseTimeout(Deadlines.HomeAppendCall)]
    Task<PublishedEvent[]> Store([Immutable] OrderStatusEvent[] events);

    /// <summary>
    /// Does the same for several appends of organizations of one partition, and answers each of them. They commit
    /// together but succeed or fail independently of each other. The grain's key is one of the organizations. A silo of
    /// a previous version does not know this method; then the calling silo uses <see cref="Store"/>.
    /// </summary>
    [Alias("StoreAll"), ResponseTimeout(Deadlines.HomeAppendCall)]
    Task<HomeAppendAnswer[]> StoreAll([Immutable] HomeAppend[] appends);
}
