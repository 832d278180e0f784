using System.Collections.Concurrent;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>The observer through which grains notify the feeds of one history.</summary>
/// <remarks>
/// A history has several observers, because Orleans delivers the messages to one observer one at a time, and feeds need
/// not wait for each other. A feed always uses the same observer, so its events stay in order.
/// </remarks>
internal sealed class FeedObserver(ConcurrentDictionary<FeedKey, Feed> feeds) : IOrderEventObserver, ILocalObserver
{
    // After a grain has left, its feed registers again within this time. It is random, because a stopping silo closes
    // many feeds at once.
    private static readonly TimeSpan RegisterAgainWithin = TimeSpan.FromMilliseconds(200);

    public Task OnEvents(FeedKey feed, EncodedOrderEvent[] events)
    {
        EventTrace.Receive(feed, events);
        Pass(feed, events);
        return Task.CompletedTask;
    }

    void ILocalObserver.OnEvents(FeedKey feed, EncodedOrderEvent[] events) => Pass(feed, events);

    public Task OnFeedClosed(FeedKey feed)
    {
        feeds.GetValueOrDefault(feed)?.Registration.RenewSoon(RegisterAgainWithin);
        return Task.CompletedTask;
    }

    // A feed that has just ended may still be notified.
    private void Pass(FeedKey feed, EncodedOrderEvent[] events) => feeds.GetValueOrDefault(feed)?.OnEvents(events);
}
