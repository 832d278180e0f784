namespace OrdersActors.Tests.Support;

/// <summary>A front end of the same process that records the numbers of its events, or fails.</summary>
internal sealed class LocalRecorder : ILocalObserver
{
    public List<long> Numbers { get; } = [];

    public Exception? Fault { get; init; }

    public void OnEvents(FeedKey feed, EncodedOrderEvent[] events)
    {
        if (Fault is not null)
        {
            throw Fault;
        }

        Numbers.AddRange(events.Select(feed.NumberOf));
    }
}
