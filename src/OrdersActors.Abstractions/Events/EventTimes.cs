namespace OrdersActors;

/// <summary>
/// The moments of an event's way that are known in this process, as <see cref="EventStages"/> takes them; 0 if unknown.
/// </summary>
/// <param name="CommittedAt">When the event was committed.</param>
/// <param name="PulledAt">When the organization's grain got the event.</param>
internal readonly record struct EventTimes(long CommittedAt, long PulledAt);
