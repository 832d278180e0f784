namespace OrdersActors;

/// <summary>A part of an event's way through the server. <see cref="EventStages"/> measures it.</summary>
internal enum EventStage
{
    /// <summary>From a publish call's arrival at the server that stores its events to the commit.</summary>
    Commit,

    /// <summary>From the commit to the arrival of the batch at the organization's grain.</summary>
    Pull,

    /// <summary>From the organization's grain to the feed of a front end in the same process.</summary>
    Distribute,

    /// <summary>From the feed to the connections of one group.</summary>
    Send,

    /// <summary>From the commit to the connections: the three stages before.</summary>
    CommitToFrame,

    /// <summary>From a publish call's arrival to the connections: all four stages before.</summary>
    PublishToFrame,
}
