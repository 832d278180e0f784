namespace OrdersActors.Publishing;

/// <summary>
/// Publishes order-status events. When a call returns, its events are committed and will reach every subscriber.
/// </summary>
/// <remarks>
/// Thread-safe. It may be called at any time. Before the host has started, a call waits for the connection. While the
/// host stops, a call that cannot be answered at once fails with <see cref="PublishFailedException"/>.
/// </remarks>
public interface IOrderStatusPublisher
{
    // Both overloads have had the optional parameter since version 1.0. Only their results are new.
#pragma warning disable RS0026
    /// <summary>
    /// Publishes one event. Transient failures are retried under the same event id, so retries do not store it twice.
    /// </summary>
    /// <param name="organizationId">The organization that the order belongs to.</param>
    /// <param name="orderStatusEvent">The event.</param>
    /// <param name="cancellationToken">
    /// Cancels the wait for the answer. The event may still be stored; publishing it again under the same id is safe.
    /// </param>
    /// <returns>
    /// The event's id, its number within the order and within the organization, and whether it had already been stored.
    /// </returns>
    /// <exception cref="InvalidOrderEventException">
    /// A field is invalid. The exception names it. Nothing was stored.
    /// </exception>
    /// <exception cref="EventConflictException">
    /// The event's id belongs to a stored event with another order, status or details. Nothing was stored.
    /// </exception>
    /// <exception cref="PublishFailedException">
    /// The server was unreachable or could not store the event during
    /// <see cref="OrderStatusPublisherOptions.RetryFor"/>, or the application is stopping.
    /// </exception>
    Task<PublishedEvent> PublishAsync(
        string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes events of one organization in the given order, in batches of up to
    /// <see cref="OrderEventRules.MaxBatch"/>. A batch is stored completely or not at all. This is much faster than one
    /// call per event. All events are validated before the first is sent. The exceptions are the same as for one event,
    /// with the event's 0-based index in <paramref name="orderStatusEvents"/>. Batches before the failed one are
    /// stored; <see cref="PublishFailedException.Stored"/> counts their events.
    /// </summary>
    /// <returns>For each event, in the given order, the same as for one event.</returns>
    Task<IReadOnlyList<PublishedEvent>> PublishAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents,
        CancellationToken cancellationToken = default);
#pragma warning restore RS0026
}
