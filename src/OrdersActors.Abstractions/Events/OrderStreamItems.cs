namespace OrdersActors;

/// <summary>
/// The rule for items on the stream provider <see cref="OrderStreams.ProviderName"/>, the same for silos and clients.
/// </summary>
public static class OrderStreamItems
{
    /// <summary>
    /// Checks items for a stream, and returns them as events in their normal form, in their order, in batches of at
    /// most <see cref="OrderEventRules.MaxBatch"/>. All items are checked before the first batch is returned.
    /// </summary>
    /// <param name="streamNamespace">The stream's namespace; must be <see cref="OrderStreams.Namespace"/>.</param>
    /// <param name="organizationId">The stream's key.</param>
    /// <param name="items">The published items; they must be <see cref="OrderStatusEvent"/>s.</param>
    /// <exception cref="ArgumentException">The namespace or the type of the items is wrong.</exception>
    /// <exception cref="InvalidOrderEventException">
    /// An event breaks a rule of <see cref="OrderEventRules"/>.
    /// </exception>
    public static IEnumerable<OrderStatusEvent[]> CheckBatches<T>(
        string? streamNamespace, string organizationId, IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (streamNamespace != OrderStreams.Namespace)
        {
            throw new ArgumentException(
                $"The stream provider '{OrderStreams.ProviderName}' has streams of namespace " +
                $"'{OrderStreams.Namespace}' only, not '{streamNamespace}'.",
                nameof(streamNamespace));
        }

        if (items is not IEnumerable<OrderStatusEvent> events)
        {
            throw new ArgumentException(
                $"Streams of '{OrderStreams.Namespace}' carry {nameof(OrderStatusEvent)}, not {typeof(T).Name}.",
                nameof(items));
        }

        OrderStatusEvent[] all = [.. events];
        return OrderEventRules.NormalizeAll(organizationId, all).Chunk(OrderEventRules.MaxBatch);
    }
}
