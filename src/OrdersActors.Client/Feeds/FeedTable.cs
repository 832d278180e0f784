using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Feeds;

/// <summary>All feeds of a client, and what the connection must request for them. Thread-safe.</summary>
/// <remarks>
/// It survives connections. Its lock may be held when the lock of a <see cref="WatchBuffer"/> is taken, never the other
/// way round.
/// </remarks>
internal sealed class FeedTable(int maxBufferedBytes)
{
    private readonly object _lock = new();
    private readonly Dictionary<string, Feed> _orders = [];
    private readonly RequestPlan _plan = new();
    private Feed? _organization;
    private Func<OrdersClientException>? _stopped;

    /// <summary>Set when a watch comes.</summary>
    public Signal Watched { get; } = new();

    /// <summary>Set when there may be a request, when a renewal may be due, and when feeds come and go.</summary>
    public Signal Changed { get; } = new();

    /// <summary>See <see cref="RequestPlan.MustRenew"/>.</summary>
    public bool MustRenew
    {
        get
        {
            lock (_lock)
            {
                return _plan.MustRenew;
            }
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _orders.Count == 0 && _organization is null;
            }
        }
    }

    private IEnumerable<Feed> All => _organization is null ? _orders.Values : _orders.Values.Append(_organization);

    /// <summary>Adds a watch.</summary>
    /// <exception cref="OrdersClientException">The client has stopped.</exception>
    public Watch Join(string? orderId, WatchStart start)
    {
        lock (_lock)
        {
            if (_stopped is not null)
            {
                throw _stopped();
            }

            var feed = Find(orderId) ?? Create(orderId);
            var watch = new Watch(feed, start, maxBufferedBytes);
            feed.Add(watch);
            Request(feed);
            Watched.Set();
            return watch;
        }
    }

    /// <summary>Removes a watch. The last one of a feed unsubscribes.</summary>
    public void Leave(Watch watch)
    {
        lock (_lock)
        {
            var feed = watch.Feed;
            watch.Buffer.Complete(null);
            feed.Remove(watch);
            if (!IsCurrent(feed))
            {
                return;
            }

            if (feed.Watches.Count == 0)
            {
                Remove(feed);
            }
            else
            {
                Park(feed);
            }
        }
    }

    /// <summary>The reader of a watch has read everything: a watch that had no room continues.</summary>
    public void Reattach(Watch watch)
    {
        lock (_lock)
        {
            if (watch.IsDetached && watch.Buffer.IsEmpty && IsCurrent(watch.Feed))
            {
                watch.IsDetached = false;
                _plan.MustRenew |= watch.Feed.Status is FeedStatus.Parked or FeedStatus.Requested;
                Request(watch.Feed);
            }
        }
    }

    /// <summary>A connection has authenticated, on which nothing is subscribed; or it has ended.</summary>
    public void Begin(bool isConnected)
    {
        lock (_lock)
        {
            _plan.Begin(isConnected);
            foreach (var feed in All)
            {
                feed.Reset();
                Request(feed);
            }
        }
    }

    /// <summary>See <see cref="RequestPlan.Next"/>.</summary>
    public (ClientMessage Message, List<Feed> Feeds)? NextRequest()
    {
        lock (_lock)
        {
            return _plan.Next();
        }
    }

    /// <summary>The server has confirmed a feed.</summary>
    public void Confirm(Feed feed, Confirmation confirmation)
    {
        lock (_lock)
        {
            if (IsCurrent(feed) && feed.Status == FeedStatus.Requested)
            {
                feed.Confirm(confirmation);
                Request(feed);
            }
        }
    }

    /// <summary>The server cannot subscribe to a feed at the moment. <see cref="Resume"/> requests it again.</summary>
    public void Postpone(Feed feed)
    {
        lock (_lock)
        {
            if (IsCurrent(feed) && feed.Status == FeedStatus.Requested)
            {
                _plan.OnRefused(feed);
            }
        }
    }

    /// <summary>Requests feeds again that were postponed.</summary>
    public void Resume(IEnumerable<Feed> feeds)
    {
        lock (_lock)
        {
            foreach (var feed in feeds.Where(IsCurrent))
            {
                Request(feed);
            }
        }
    }

    /// <summary>The server refuses a feed, or has ended it. Its watches end.</summary>
    public void Refuse(Feed feed, ServerError error)
    {
        lock (_lock)
        {
            if (IsCurrent(feed))
            {
                _plan.OnRefused(feed);
                feed.Fail(() => error.ToException(feed.OrderId));
                Remove(feed);
            }
        }
    }

    /// <summary>The feed of an order, or of the organization; null if nobody watches it.</summary>
    public Feed? FindFeed(string? orderId)
    {
        lock (_lock)
        {
            return Find(orderId);
        }
    }

    /// <summary>See <see cref="Feed.Offer"/>.</summary>
    public FeedOffer Offer(Feed feed, OrderUpdate update, int size, bool mayDetach, out Watch? stalled)
    {
        lock (_lock)
        {
            stalled = null;
            if (!IsCurrent(feed))
            {
                return FeedOffer.Done;
            }

            var offer = feed.Offer(update, size, mayDetach, out stalled);
            Park(feed);
            return offer;
        }
    }

    /// <summary>See <see cref="Feed.TakeHeld"/>.</summary>
    public (OrderUpdate Update, int Size)? TakeHeld(Feed feed)
    {
        lock (_lock)
        {
            return feed.TakeHeld();
        }
    }

    /// <summary>Ends all watches, and refuses further ones.</summary>
    public void Stop(Func<OrdersClientException> failure)
    {
        lock (_lock)
        {
            _stopped ??= failure;
            foreach (var feed in All)
            {
                feed.Fail(_stopped);
            }

            _orders.Clear();
            _organization = null;
        }
    }

    private Feed? Find(string? orderId) => orderId is null ? _organization : _orders.GetValueOrDefault(orderId);

    private bool IsCurrent(Feed feed) => ReferenceEquals(Find(feed.OrderId), feed);

    private Feed Create(string? orderId)
    {
        var feed = new Feed(orderId) { IsAfterOrganization = _plan.IsOrganizationUsed };
        if (orderId is null)
        {
            _organization = feed;
        }
        else
        {
            _orders.Add(orderId, feed);
        }

        return feed;
    }

    private void Request(Feed feed)
    {
        _plan.Add(feed);
        Changed.Set();
    }

    private void Remove(Feed feed)
    {
        _plan.Remove(feed);
        if (feed.OrderId is null)
        {
            _organization = null;
        }
        else
        {
            _orders.Remove(feed.OrderId);
        }

        Changed.Set();
    }

    private void Park(Feed feed)
    {
        if (feed.Status == FeedStatus.Live && !feed.IsWanted)
        {
            _plan.Remove(feed);
            feed.Status = FeedStatus.Parked;
            Changed.Set();
        }
    }
}
