namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>This front end, as the grains call it.</summary>
/// <remarks>
/// A history has a few observers and not one: Orleans delivers to one observer one message at a time, and feeds do not
/// need to wait for each other. A feed always uses the same one, so its events stay in order.
/// </remarks>
internal sealed class FeedObserver(FeedHistory history) : IOrderEventObserver
{
    // Feeds of one grain register again within this time of its leaving, spread so as not to stampede.
    private static readonly TimeSpan RegisterAgainWithin = TimeSpan.FromMilliseconds(200);

    public Task OnEvents(FeedKey feed, EncodedOrderEvent[] events)
    {
        // A feed that has just retired may still be notified; nobody watches it.
        history.Find(feed)?.OnEvents(events);
        return Task.CompletedTask;
    }

    public Task OnFeedClosed(FeedKey feed)
    {
        history.Find(feed)?.Registration.RenewSoon(RegisterAgainWithin);
        return Task.CompletedTask;
    }
}
