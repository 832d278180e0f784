namespace OrdersActors.FrontEnd.Feeds;

/// <summary>The place of one listener in a feed. Thread-safe.</summary>
internal interface IFeedMembership
{
    /// <summary>The history to which the feed's numbers belong.</summary>
    FeedHistory History { get; }

    /// <summary>
    /// The number of the last event that was passed on to the listener's group. It only rises. Read without the group's
    /// lock, the value may be too low.
    /// </summary>
    long Last { get; }

    /// <summary>
    /// Holds the listener's group at its last number: it gets no event until the result is disposed of. A listener that
    /// has caught up goes live within it, so that it misses no event.
    /// </summary>
    Lock.Scope Hold(out long last);

    /// <summary>Leaves the feed, in constant time. A second call does nothing.</summary>
    void Leave();
}
