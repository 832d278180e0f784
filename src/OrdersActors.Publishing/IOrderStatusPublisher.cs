namespace OrdersActors.Publishing;

/// <summary>
/// Publishes order-status events. When a call returns, its events are committed and will reach every subscriber.
/// </summary>
public interface IOrderStatusPublisher
{
    /// <summary>
    /// Publishes one event. Transient failures are retried under the same event id, so the event is stored once whatever
    /// happens on the way.
    /// </summary>
    /// <param name="organizationId">Whose order it is.</param>
    /// <param name="orderStatusEvent">The event.</param>
    /// <param name="cancellationToken">Ends the waiting; the event may yet be stored. Repeat under the same id.</param>
    /// <exception cref="InvalidOrderEventException">A field is not allowed; it is named. Nothing was stored.</exception>
    /// <exception cref="OrderOwnershipException">The order belongs to another organization. Nothing was stored.</exception>
    /// <exception cref="PublishFailedException">
    /// The server could not be reached, or could not store, for as long as <see cref="OrderStatusPublisherOptions.RetryFor"/>.
    /// </exception>
    Task PublishAsync(string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes events of one organization in the order given, in batches of up to <see cref="OrderEventRules.MaxBatch"/>, each
    /// stored whole or not at all. Much faster than one by one. Errors as above; batches before the failed one are stored.
    /// </summary>
    Task PublishAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents, CancellationToken cancellationToken = default);
}
