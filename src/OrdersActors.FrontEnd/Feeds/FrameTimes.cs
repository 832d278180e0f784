namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// The moments of a batch's way through this front end, as <see cref="EventStages"/> takes them; 0 if unknown.
/// </summary>
/// <param name="CommittedAt">When the first event was committed.</param>
/// <param name="PassedOnAt">When the feed began to pass the batch on; 0 also if the batch is not measured.</param>
/// <param name="Origin">The origin of the first event.</param>
internal readonly record struct FrameTimes(long CommittedAt, long PassedOnAt, EventOrigin Origin = default)
{
    /// <summary>The feed passes events on, and records how long they took from the organization's grain.</summary>
    public static FrameTimes PassedOn(EventTimes times)
    {
        if (times.IsSkipped)
        {
            return default;
        }

        var trace = times.Origin.Trace;
        var now = EventStages.Now(trace);
        EventStages.Record(EventStage.Distribute, times.PulledAt, now);
        trace?.Distributed();
        return new FrameTimes(times.CommittedAt, now, times.Origin);
    }

    /// <summary>
    /// The moments of several batches that go together: those of the first measured one, and the first trace of them
    /// all.
    /// </summary>
    public FrameTimes With(FrameTimes next) =>
        PassedOnAt == 0 ? next
        : Origin.Trace is null && next.Origin.Trace is { } trace
            ? this with { Origin = new EventOrigin(Origin.ArrivedAt, trace) }
        : this;

    /// <summary>
    /// Records that each connection of a group has the frames: in its socket, or in its queue if the socket did not
    /// take them at once.
    /// </summary>
    /// <param name="connections">The number of connections.</param>
    public void RecordSent(int connections)
    {
        if (PassedOnAt == 0)
        {
            return;
        }

        var now = EventStages.Now();
        EventStages.Record(EventStage.Send, PassedOnAt, now);
        EventStages.Record(EventStage.CommitToFrame, CommittedAt, now);
        EventStages.Record(EventStage.PublishToFrame, Origin.ArrivedAt, now);
        Origin.Trace?.Sent(PassedOnAt, connections);
    }
}
