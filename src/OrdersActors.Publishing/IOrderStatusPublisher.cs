namespace OrdersActors.Publishing;

/// <summary>
/// Publishes order-status events. When a call returns, its events are committed and will reach every subscriber.
/// </summary>
/// <remarks>
/// May be called by any thread at any time, also before the host has started: the call then waits for the connection. While
/// the host stops, a call that cannot be answered at once fails with <see cref="PublishFailedException"/>.
/// </remarks>
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
    /// <exception cref="EventConflictException">
    /// The event's id was used for an event with another order, status or details. Nothing was stored.
    /// </exception>
    /// <exception cref="PublishFailedException">
    /// The server could not be reached, or could not store, for as long as
    /// <see cref="OrderStatusPublisherOptions.RetryFor"/>; or the application is stopping.
    /// </exception>
    Task PublishAsync(
        string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes events of one organization in the order given, in batches of up to <see cref="OrderEventRules.MaxBatch"/>,
    /// each stored whole or not at all. Much faster than one by one. Errors as above, with the event's 0-based index in
    /// <paramref name="orderStatusEvents"/>. All events are checked before the first is sent. Batches before the failed one
    /// are stored; <see cref="PublishFailedException.Stored"/> counts their events.
    /// </summary>
    Task PublishAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents, CancellationToken cancellationToken = default);
}
