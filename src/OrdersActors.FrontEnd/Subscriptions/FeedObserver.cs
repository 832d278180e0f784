namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>This front end, as the grains call it.</summary>
internal sealed class FeedObserver(FeedHub hub) : IOrderEventObserver
{
    // Feeds of one grain register again within this time of its leaving, spread so as not to stampede.
    private static readonly TimeSpan RegisterAgainWithin = TimeSpan.FromMilliseconds(200);

    public Task OnEvents(FeedKey feed, EncodedOrderEvent[] events)
    {
        // A feed that has just retired may still be told; nobody watches it.
        hub.Find(feed)?.OnEvents(events);
        return Task.CompletedTask;
    }

    public Task OnFeedClosed(FeedKey feed)
    {
        hub.Find(feed)?.Registration.RenewSoon(RegisterAgainWithin);
        return Task.CompletedTask;
    }
}
