namespace OrdersActors.Grains.Log;

/// <summary>Appends on the silo that has the organization's partition. The grain's key is the organization's id.</summary>
[Alias("OrdersActors.Grains.IOwnerWriter")]
internal interface IOwnerWriter : IGrainWithStringKey
{
    /// <summary>As <see cref="IEventWriterGrain.Append"/>. Fails when not answered within two seconds.</summary>
    [Alias("Append"), ResponseTimeout("00:00:02")]
    Task Append([Immutable] OrderStatusEvent[] events);
}
