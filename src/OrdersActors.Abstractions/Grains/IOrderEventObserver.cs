using Orleans.Concurrency;

namespace OrdersActors;

/// <summary>
/// A front end, as the grains see it. One reference serves all connections of a front end, because a notification costs
/// a grain the same for one connection as for ten thousand.
/// </summary>
[Alias("OrdersActors.IOrderEventObserver")]
public interface IOrderEventObserver : IGrainObserver
{
    /// <summary>
    /// Delivers events of a feed, in order. Some may be duplicates, and events before them may be missing. The receiver
    /// drops duplicates and fills gaps by number. The answer is due within ten seconds; the grain sends more only after
    /// it.
    /// </summary>
    [Alias("OnEvents"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task OnEvents(FeedKey feed, [Immutable] EncodedOrderEvent[] events);

    /// <summary>
    /// Delivers events of several feeds, each like <see cref="OnEvents"/>. Returns the indexes of the feeds that the
    /// receiver failed to notify, usually none. A front end of a previous version does not know this method.
    /// </summary>
    [Alias("OnFeedEvents"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<int[]> OnFeedEvents([Immutable] FeedEvents[] feeds);

    /// <summary>
    /// The grain is leaving its silo and drops its observers. The receiver must register again and read the events that
    /// it missed.
    /// </summary>
    [Alias("OnFeedClosed"), OneWay]
    Task OnFeedClosed(FeedKey feed);
}
