namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>The observer through which grains notify this front end.</summary>
/// <remarks>
/// A history has several observers, because Orleans delivers the messages to one observer one at a time, and feeds need
/// not wait for each other. A feed always uses the same observer, so its events stay in order.
/// </remarks>
internal sealed class FeedObserver(FeedHistory history) : IOrderEventObserver
{
    // After a grain has left, its feed registers again within this time. It is random, because a stopping silo closes
    // many feeds at once.
    private static readonly TimeSpan RegisterAgainWithin = TimeSpan.FromMilliseconds(200);

    public Task OnEvents(FeedKey feed, EncodedOrderEvent[] events)
    {
        // A feed that has just retired may still be notified. It has no subscriptions.
        history.Find(feed)?.OnEvents(events);
        return Task.CompletedTask;
    }

    public Task OnFeedClosed(FeedKey feed)
    {
        history.Find(feed)?.Registration.RenewSoon(RegisterAgainWithin);
        return Task.CompletedTask;
    }
}
