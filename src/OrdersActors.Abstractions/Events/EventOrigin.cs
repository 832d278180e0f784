namespace OrdersActors;

/// <summary>
/// The origin of a live event. It travels in the objects that carry the event, and is neither stored nor sent. It is
/// unknown for an event that was read from the log.
/// </summary>
/// <param name="arrivedAt">
/// When the publish call arrived at the server that stored the event, as <see cref="EventStages"/> takes it; 0 if
/// unknown.
/// </param>
/// <param name="trace">The trace of the publish call; null if nobody samples it.</param>
internal readonly struct EventOrigin(long arrivedAt, EventTrace? trace) : IEquatable<EventOrigin>
{
    public long ArrivedAt { get; } = arrivedAt;

    public EventTrace? Trace { get; } = trace;

    public static bool operator ==(EventOrigin left, EventOrigin right) => left.Equals(right);

    public static bool operator !=(EventOrigin left, EventOrigin right) => !left.Equals(right);

    /// <summary>True: events with the same content are equal, wherever they come from.</summary>
    public bool Equals(EventOrigin other) => true;

    public override bool Equals(object? obj) => obj is EventOrigin;

    public override int GetHashCode() => 0;
}
