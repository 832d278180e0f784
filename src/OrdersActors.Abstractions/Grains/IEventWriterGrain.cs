namespace OrdersActors;

/// <summary>
/// Appends to the log for processes without a database. The client side of the stream provider calls it. A stateless
/// worker: any silo takes any organization's events.
/// </summary>
/// <remarks>
/// A call is answered or fails within five seconds. Orleans does not notify a client when the silo that it called dies,
/// so only this bound ends the wait. The caller then retries under the same ids. A log that is too busy answers
/// earlier, within four and a half seconds. The grains of all keys do the same. A client may reach another gateway
/// through another key, which helps if one gateway does not answer.
/// </remarks>
[Alias("OrdersActors.IEventWriterGrain")]
public interface IEventWriterGrain : IGrainWithIntegerKey
{
    /// <summary>Stores the events, in order, all or none. Returns when they are committed.</summary>
    /// <exception cref="InvalidOrderEventException">An event breaks a rule.</exception>
    /// <exception cref="EventConflictException">An id was used before for another order, status or details.</exception>
    /// <exception cref="EventLogUnavailableException">
    /// The log cannot store events at the moment; retry under the same ids.
    /// </exception>
    [Alias("Append"), ResponseTimeout(Deadlines.AppendCall)]
    Task Append(string organizationId, OrderStatusEvent[] events);

    /// <summary>
    /// Does the same, and returns what was stored, in the given order. A silo of a previous version does not know this
    /// method; see <see cref="Append"/> and <see cref="Find"/>.
    /// </summary>
    /// <exception cref="InvalidOrderEventException">An event breaks a rule.</exception>
    /// <exception cref="EventConflictException">An id was used before for another order, status or details.</exception>
    /// <exception cref="EventLogUnavailableException">
    /// The log cannot store events at the moment; retry under the same ids.
    /// </exception>
    [Alias("Store"), ResponseTimeout(Deadlines.AppendCall)]
    Task<PublishedEvent[]> Store(string organizationId, OrderStatusEvent[] events);

    /// <summary>Finds an organization's event by its id, or returns null.</summary>
    [Alias("Find"), ResponseTimeout(Deadlines.AppendCall)]
    Task<OrderEvent?> Find(string organizationId, string eventId);
}
