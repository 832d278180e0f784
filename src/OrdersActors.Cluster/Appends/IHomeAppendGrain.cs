namespace OrdersActors.Cluster.Appends;

/// <summary>
/// Appends on the home silo of an organization. The grain's key is the organization's id. The alias is the name that a
/// silo of a previous version knows.
/// </summary>
[Alias("OrdersActors.Grains.IOwnerWriter")]
internal interface IHomeAppendGrain : IGrainWithStringKey
{
    /// <summary>
    /// The timeout of an append that waits on the home silo. It equals the timeout of the call, so the home silo stops
    /// to wait when the calling silo does.
    /// </summary>
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Like <see cref="IEventWriterGrain.Append"/>. Fails if not answered within two seconds.</summary>
    [Alias("Append"), ResponseTimeout("00:00:02")]
    Task Append([Immutable] OrderStatusEvent[] events);
}
