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
    /// Most events of one batch of an organization whose way is measured one by one. Under load a batch has hundreds of
    /// events, and measuring each would cost a part of the time that it takes.
    /// </summary>
    public const int MostOfBatch = 16;

    /// <summary>For an event that is not measured.</summary>
    public static readonly EventTimes Skipped = new(-1, -1);

    /// <summary>Whether the event is not measured.</summary>
    public bool IsSkipped => CommittedAt < 0;

    /// <summary>
    /// The moments of one event of a batch, with the batch's moments. Skips the event if others of the batch are
    /// measured; a traced event is always measured.
    /// </summary>
    /// <param name="index">The 0-based index of the event in the batch. The first one is measured.</param>
    /// <param name="count">The number of events in the batch.</param>
    /// <param name="origin">The origin of the event.</param>
    public EventTimes Of(int index, int count, EventOrigin origin) =>
        index % ((count + MostOfBatch - 1) / MostOfBatch) == 0 || origin.Trace is not null
            ? this with { Origin = origin }
            : Skipped;

    /// <summary>
    /// The moments of several events that go together: those of the first measured one, and the first trace of them
    /// all.
    /// </summary>
    public EventTimes With(EventTimes next) =>
        IsSkipped ? next
        : Origin.Trace is null && next.Origin.Trace is { } trace
            ? this with { Origin = new EventOrigin(Origin.ArrivedAt, trace) }
        : this;
}
