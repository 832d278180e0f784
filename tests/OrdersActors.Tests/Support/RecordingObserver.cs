using System.Collections.Concurrent;

namespace OrdersActors.Tests.Support;

/// <summary>A front end that records its notifications.</summary>
public sealed class RecordingObserver : IOrderEventObserver
{
    private readonly ConcurrentQueue<(FeedKey Feed, EncodedOrderEvent Event)> _events = [];

    public int Closed { get; private set; }

    /// <summary>Called before each notification is recorded.</summary>
    public Func<FeedKey, EncodedOrderEvent[], Task>? BeforeEvents { get; set; }

    public long[] NumbersOf(FeedKey feed) =>
        [.. _events.Where(e => e.Feed == feed).Select(e => feed.NumberOf(e.Event))];

    public async Task OnEvents(FeedKey feed, EncodedOrderEvent[] events)
    {
        if (BeforeEvents is { } before)
        {
            await before(feed, events);
        }

        foreach (var e in events)
        {
            _events.Enqueue((feed, e));
        }
    }

    public async Task<int[]> OnFeedEvents(FeedEvents[] feeds)
    {
        foreach (var (feed, events) in feeds)
        {
            await OnEvents(feed, events);
        }

        return [];
    }

    public Task OnFeedClosed(FeedKey feed)
    {
        Closed++;
        return Task.CompletedTask;
    }
}
