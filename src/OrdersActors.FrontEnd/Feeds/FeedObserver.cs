using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>The observer through which grains notify the feeds of one history.</summary>
/// <remarks>
/// A history has several observers, because Orleans delivers the messages to one observer one at a time, and feeds need
/// not wait for each other. A feed always uses the same observer, so its events stay in order.
/// </remarks>
internal sealed partial class FeedObserver(ConcurrentDictionary<FeedKey, Feed> feeds, ILogger logger)
    : IOrderEventObserver, ILocalObserver
{
    private static readonly Task<int[]> NoneFailed = Task.FromResult<int[]>([]);

    // After a grain has left, its feed registers again within this time. It is random, because a stopping silo closes
    // many feeds at once.
    private static readonly TimeSpan RegisterAgainWithin = TimeSpan.FromMilliseconds(200);

    public Task OnEvents(FeedKey feed, EncodedOrderEvent[] events)
    {
        EventTrace.Receive(feed, events);
        Pass(feed, events);
        return Task.CompletedTask;
    }

    public Task<int[]> OnFeedEvents(FeedEvents[] feeds)
    {
        List<int>? failed = null;
        for (var i = 0; i < feeds.Length; i++)
        {
            try
            {
                Pass(feeds[i].Feed, feeds[i].Events);
            }
            catch (Exception e)
            {
                // A fault of one feed must not affect the others.
                LogFailed(e, feeds[i].Feed);
                (failed ??= []).Add(i);
            }
        }

        return failed is null ? NoneFailed : Task.FromResult<int[]>([.. failed]);
    }

    void ILocalObserver.OnEvents(FeedKey feed, EncodedOrderEvent[] events) => Pass(feed, events);

    public Task OnFeedClosed(FeedKey feed)
    {
        feeds.GetValueOrDefault(feed)?.Registration.RenewSoon(RegisterAgainWithin);
        return Task.CompletedTask;
    }

    // A feed that has just ended may still be notified.
    private void Pass(FeedKey feed, EncodedOrderEvent[] events) => feeds.GetValueOrDefault(feed)?.OnEvents(events);

    [LoggerMessage(1315, LogLevel.Error,
        "Events of {Feed} could not be passed to its connections. The grain sends them again")]
    private partial void LogFailed(Exception exception, FeedKey feed);
}
