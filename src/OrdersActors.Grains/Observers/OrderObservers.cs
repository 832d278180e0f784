using Microsoft.Extensions.Logging;

namespace OrdersActors.Grains.Observers;

/// <summary>The observers of one order, and the last number that was offered to them.</summary>
/// <remarks>
/// <para>The order's grain calls from its scheduler. The organization's grain on the same silo passes on live events
/// with <see cref="TryOffer"/> from its own, without a call to the order's grain.</para>
/// <para>Thread-safe. The lock is held while observers are notified, so they get the events in order. Local observers
/// may take the locks of a front end (<c>FrontEndHosting</c>), and never call back.</para>
/// </remarks>
internal sealed partial class OrderObservers(
    FeedKey feed, LocalOrders orders, LocalObservers locals, NotificationLanes lanes, OrderGrainOptions options,
    TimeProvider time, ILogger logger)
{
    // Also the lock, because a lock of its own would be an object more for each order.
    private readonly ObserverLeases _leases = new(feed, options, time, logger, locals, lanes);
    private FeedPosition _passedOn;
    private string? _epoch;

    /// <summary>The last number that was offered.</summary>
    public FeedPosition PassedOn
    {
        get
        {
            lock (_leases)
            {
                return _passedOn;
            }
        }
    }

    /// <summary>The number of observers.</summary>
    public int Count
    {
        get
        {
            lock (_leases)
            {
                return _leases.Count;
            }
        }
    }

    /// <summary>
    /// Registers or renews an observer. Returns the number up to which no events are offered to it any more: the
    /// log's, or a newer one that has been passed on.
    /// </summary>
    /// <param name="observer">The observer.</param>
    /// <param name="number">The newest number in the log.</param>
    /// <param name="epoch">The epoch of the number.</param>
    public long Renew(IOrderEventObserver observer, long number, string epoch)
    {
        lock (_leases)
        {
            var head = _passedOn.Advance(number);
            if (_leases.Count == 0)
            {
                _passedOn = head;
            }

            _leases.Renew(observer, head.Last);
            _epoch = epoch;
            orders.Set(feed, this, _leases.Count > 0);
            return head.Last;
        }
    }

    /// <summary>Removes an observer.</summary>
    public void Remove(IOrderEventObserver observer)
    {
        lock (_leases)
        {
            _leases.Remove(observer);
            orders.Set(feed, this, _leases.Count > 0);
        }
    }

    /// <summary>
    /// Offers events if there are observers and the events are of their epoch. Otherwise returns false and does
    /// nothing; then the order's grain must be called.
    /// </summary>
    public bool TryOffer(EncodedOrderEvent[] events)
    {
        lock (_leases)
        {
            if (events[0].Epoch != _epoch || _leases.Count == 0)
            {
                return false;
            }

            OfferUnderLock(events);
            return true;
        }
    }

    /// <summary>Offers events, in order, to every observer. Called from the order grain's scheduler.</summary>
    public void Offer(EncodedOrderEvent[] events)
    {
        lock (_leases)
        {
            OfferUnderLock(events);
        }
    }

    /// <summary>Discards the numbers and closes all observers, because the log has a new epoch.</summary>
    public Task DiscardAsync()
    {
        lock (_leases)
        {
            orders.Set(feed, this, isObserved: false);
            (_passedOn, _epoch) = (default, null);
            return _leases.CloseAsync();
        }
    }

    /// <summary>Closes all observers for good, because the grain is deactivated.</summary>
    public Task EndAsync()
    {
        lock (_leases)
        {
            orders.Set(feed, this, isObserved: false);
            return _leases.EndAsync();
        }
    }

    // Under the lock.
    private void OfferUnderLock(EncodedOrderEvent[] events)
    {
        if (_leases.Count > 0)
        {
            switch (_passedOn.Check(events[0].Version))
            {
                case NumberCheck.Gap:
                    OrderMetrics.CountHole("order");
                    LogGap(feed.OrderId!, _passedOn.Last, events[0].Version);
                    break;
                case NumberCheck.Duplicate:
                    OrderMetrics.CountDuplicate("order", events.Count(e => _passedOn.Includes(e.Version)));
                    break;
            }

            // Each lease drops the events that were already offered to it.
            _leases.Offer(events);
            EventCounts.CountDelivered(EventHop.Order, events.Length);
        }

        _passedOn = _passedOn.Advance(events[^1].Version);
    }

    [LoggerMessage(1230, LogLevel.Warning,
        "Order {OrderId} saw version {Next} after {Last}. Front ends read the missing events from the log")]
    private partial void LogGap(string orderId, long last, long next);
}
