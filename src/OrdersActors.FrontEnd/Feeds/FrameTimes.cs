namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// The moments of a batch's way through this front end, as <see cref="EventStages"/> takes them; 0 if unknown.
/// </summary>
/// <param name="CommittedAt">When the first event was committed.</param>
/// <param name="PassedOnAt">When the feed began to pass the batch on.</param>
internal readonly record struct FrameTimes(long CommittedAt, long PassedOnAt)
{
    /// <summary>The feed passes events on, and records how long they took from the organization's grain.</summary>
    public static FrameTimes PassedOn(EventTimes times)
    {
        var now = EventStages.Now();
        EventStages.Record(EventStage.Distribute, times.PulledAt, now);
        return new FrameTimes(times.CommittedAt, now);
    }

    /// <summary>
    /// Records that each connection of a group has the frames: in its socket, or in its queue if the socket did not
    /// take them at once.
    /// </summary>
    public void RecordSent()
    {
        var now = EventStages.Now();
        EventStages.Record(EventStage.Send, PassedOnAt, now);
        EventStages.Record(EventStage.CommitToFrame, CommittedAt, now);
    }
}
