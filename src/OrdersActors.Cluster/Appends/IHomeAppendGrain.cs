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
}
