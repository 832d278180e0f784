namespace OrdersActors;

/// <summary>The names under which events are published.</summary>
/// <example>
/// <code>
/// var stream = client.GetStreamProvider(OrderStreams.ProviderName)
///     .GetStream&lt;OrderStatusEvent&gt;(OrderStreams.Namespace, organizationId);
/// await stream.OnNextAsync(new OrderStatusEvent { OrderId = "o-1", Status = "paid" });
/// </code>
/// </example>
public static class OrderStreams
{
    /// <summary>The stream provider.</summary>
    public const string ProviderName = "orders";

    /// <summary>The stream namespace; the stream's key is the organization's id.</summary>
    public const string Namespace = "order-status";
}
