namespace OrdersActors.Grains.Log;

/// <summary>Appends on the silo that has the organization's partition. The grain's key is the organization's id.</summary>
[Alias("OrdersActors.Grains.IOwnerWriter")]
internal interface IOwnerWriter : IGrainWithStringKey
{
    /// <summary>For how long an append may wait here.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>As <see cref="IEventWriterGrain.Append"/>. Fails when not answered within two seconds.</summary>
    [Alias("Append"), ResponseTimeout("00:00:02")]
    Task Append([Immutable] OrderStatusEvent[] events);
}
