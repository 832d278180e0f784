namespace OrdersActors.FrontEnd.Feeds;

/// <summary>The place of one listener in a feed. Thread-safe.</summary>
internal interface IFeedMembership
{
    /// <summary>The history to which the feed's numbers belong.</summary>
    FeedHistory History { get; }

    /// <summary>
    /// The number of the last event that the feed has passed on. It only rises. Read without the feed's lock, the value
    /// may be too low.
    /// </summary>
    long Last { get; }

    /// <summary>
    /// Holds the feed at its last number: it passes on no event until the result is disposed of. A listener that has
    /// caught up goes live within it, so that it misses no event.
    /// </summary>
    Lock.Scope Hold(out long last);

    /// <summary>Leaves the feed, in constant time. A second call does nothing.</summary>
    void Leave();
}
