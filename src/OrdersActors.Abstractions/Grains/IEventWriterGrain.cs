namespace OrdersActors;

/// <summary>
/// Appends to the log for processes that have no database at hand: the client side of the stream provider calls it.
/// A stateless worker: any silo takes any organization's events.
/// </summary>
/// <remarks>
/// A call is answered, or fails, within five seconds. A client is not told that the server died which it had called, so only this
/// bound ends its waiting; whoever called tries again under the same ids. A log that is too busy says so before (four and a half seconds).
/// The writers of all keys do the same. To a client, another key may be another gateway, where one does not answer.
/// </remarks>
[Alias("OrdersActors.IEventWriterGrain")]
public interface IEventWriterGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Stores the events, in order, all or none. Returns when they are committed.
    /// </summary>
    /// <exception cref="InvalidOrderEventException">An event breaks a rule.</exception>
    /// <exception cref="EventConflictException">An id was used before for another order, status or details.</exception>
    /// <exception cref="EventLogUnavailableException">The log cannot take events now; retry under the same ids.</exception>
    [Alias("Append"), ResponseTimeout("00:00:05")]
    Task Append(string organizationId, OrderStatusEvent[] events);

    /// <summary>Finds an organization's event by its id, or returns null.</summary>
    [Alias("Find"), ResponseTimeout("00:00:05")]
    Task<OrderEvent?> Find(string organizationId, string eventId);
}
