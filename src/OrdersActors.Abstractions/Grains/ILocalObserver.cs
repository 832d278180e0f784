namespace OrdersActors;

/// <summary>A front end, as grains in the same process see it.</summary>
internal interface ILocalObserver
{
    /// <summary>
    /// Delivers events like <see cref="IOrderEventObserver.OnEvents"/>. Does not wait, and starts no work on the
    /// caller's scheduler. May be called from any thread.
    /// </summary>
    void OnEvents(FeedKey feed, EncodedOrderEvent[] events);
}
