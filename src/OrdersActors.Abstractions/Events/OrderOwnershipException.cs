namespace OrdersActors;

/// <summary>
/// No longer thrown, because order ids are scoped to their organization. Servers of a previous version may still send
/// it. It meant that another organization had published the order first, and that the batch was not stored.
/// </summary>
[GenerateSerializer, Alias("OrdersActors.OrderOwnershipException")]
public sealed class OrderOwnershipException : Exception
{
    /// <summary>Names the order, never its owner.</summary>
    public OrderOwnershipException(string orderId)
        : base($"order_id '{orderId}' belongs to another organization") => OrderId = orderId;

    /// <summary>The order that belongs to another organization.</summary>
    [Id(0)] public string OrderId { get; }
}
