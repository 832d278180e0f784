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
}
