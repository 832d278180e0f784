using Orleans.Concurrency;

namespace OrdersActors;

/// <summary>
/// A front end, as the grains see it. One reference serves all connections of a front end, because a notification
/// costs a grain the same for one connection as for ten thousand.
/// </summary>
[Alias("OrdersActors.IOrderEventObserver")]
public interface IOrderEventObserver : IGrainObserver
{
    /// <summary>
    /// Events of a feed, in order. Some may have been seen before, and some may be missing in front of them: the
    /// receiver drops and heals by number. The answer, due within ten seconds, tells the grain that it may send more.
    /// </summary>
    [Alias("OnEvents"), ResponseTimeout("00:00:10")]
    Task OnEvents(FeedKey feed, [Immutable] EncodedOrderEvent[] events);

    /// <summary>
    /// The grain is leaving its silo and forgets its observers: register again, and read what was missed.
    /// </summary>
    [Alias("OnFeedClosed"), OneWay]
    Task OnFeedClosed(FeedKey feed);
}
