namespace OrdersActors;

/// <summary>
/// The moments of an event's way that are known in this process, as <see cref="EventStages"/> takes them; 0 if unknown.
/// </summary>
/// <param name="CommittedAt">When the event was committed.</param>
/// <param name="PulledAt">When the organization's grain got the event.</param>
/// <param name="Origin">The origin of the event.</param>
internal readonly record struct EventTimes(long CommittedAt, long PulledAt, EventOrigin Origin = default)
{
    /// <summary>
    /// The moments of several events that go together: those of the first one, and the first trace of them all.
    /// </summary>
    public EventTimes With(EventTimes next) => Origin.Trace is null && next.Origin.Trace is { } trace
        ? this with { Origin = new EventOrigin(Origin.ArrivedAt, trace) }
        : this;
}
