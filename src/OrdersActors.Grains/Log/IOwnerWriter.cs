namespace OrdersActors.Grains.Log;

/// <summary>
/// Appends on the silo that owns the organization's partition. The grain's key is the organization's id.
/// </summary>
[Alias("OrdersActors.Grains.IOwnerWriter")]
internal interface IOwnerWriter : IGrainWithStringKey
{
    /// <summary>The timeout of an append that waits here.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Like <see cref="IEventWriterGrain.Append"/>. Fails if not answered within two seconds.</summary>
    [Alias("Append"), ResponseTimeout("00:00:02")]
    Task Append([Immutable] OrderStatusEvent[] events);
}
