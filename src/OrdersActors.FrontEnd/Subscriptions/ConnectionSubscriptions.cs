using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>The subscriptions of one connection. Adds and removes them, and gets the events of their feeds.</summary>
/// <remarks>
/// <code>
///   feed ──► DeliveryRules: the next one? ──► client
///                  │ events are missing, or the client resumes
///                  └──► CatchUp reads the log at the client's pace up to the feed's last event, then live again
/// </code>
/// A connection belongs to one history of the log (<see cref="FeedHistory"/>) from its first request on. The locks of a
/// feed and of a group of its listeners may be held when this class's lock is taken, never the other way round.
/// </remarks>
internal sealed class ConnectionSubscriptions : IAsyncDisposable
{
    private readonly FeedHub _hub;
    private readonly FeedReader _reader;
    private readonly IClientChannel _client;
    // Also the lock, because a lock of its own would be an object more for each connection.
    private readonly DeliveryRules _rules;
    private readonly FrontEndLimiters _limiters;
    private readonly OutboundQueue _outbound;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private FeedTable? _feeds;

    // Created when a subscription is behind for the first time, because most never are.
    private CatchUp? _catchUp;
    private bool _hasEnded;

    public ConnectionSubscriptions(
        FeedHub hub, FeedReader reader, FrontEndLimiters limiters, OutboundQueue outbound, IClientChannel client,
        TimeProvider time, ILogger logger)
    {
        _hub = hub;
        _reader = reader;
        _client = client;
        (_limiters, _outbound, _time, _logger) = (limiters, outbound, time, logger);
        _rules = new DeliveryRules(client);
    }

    /// <summary>The number of subscriptions. It changes only during calls of the connection's reader.</summary>
    public int Count => _rules.Count;

    /// <summary>Whether the connection has a subscription to this feed.</summary>
    public bool Contains(FeedKey key) => _rules.Contains(key);

    // Several concurrent lookups of one message may be the first to read it. All of them must get the same table.
    private FeedTable Feeds =>
        _feeds ?? Interlocked.CompareExchange(ref _feeds, _hub.Current, null) ?? _feeds;

    /// <summary>All feeds to which the connection is subscribed: first the orders, then the organization.</summary>
    public FeedKey[] Keys
    {
        get
        {
            lock (_rules)
            {
                return [.. _rules.All.Select(subscription => subscription.Key)];
            }
        }
    }

    /// <summary>Returns which events of a feed can be read; null if access is denied.</summary>
    /// <param name="key">The feed.</param>
    /// <param name="mayAwait">
    /// Whether the client may await the order's first event. Then an order without events has empty bounds.
    /// </param>
    /// <exception cref="EventLogUnavailableException">
    /// The feed has another epoch than this connection. The connection is closed, or is about to be.
    /// </exception>
    public async Task<FeedBounds?> GetBoundsAsync(FeedKey key, bool mayAwait = false)
    {
        CloseIfRewritten();
        var history = Feeds.History;
        var bounds = await _reader.GetBoundsAsync(key);
        if (bounds is null && mayAwait)
        {
            // The log has no answer for such an order, so its epoch comes from the history or from the organization.
            var epoch = history.Epoch
                ?? (await _reader.GetBoundsAsync(new FeedKey(key.OrganizationId, null)))?.Epoch;
            bounds = new FeedBounds(Earliest: 1, Last: 0, epoch);
        }

        history.Require(bounds?.Epoch);
        return bounds;
    }

    /// <summary>
    /// Subscribes, from the next event on or from the events after a number. The confirmation is sent before the first
    /// event. Returns false if access is denied.
    /// </summary>
    /// <param name="key">The feed.</param>
    /// <param name="after">The number after which to resume; null to begin with the next event.</param>
    /// <param name="confirmation">The frame that confirms the subscription.</param>
    /// <param name="bounds">
    /// The result of <see cref="GetBoundsAsync"/> if the caller has it. Then the log is not read again.
    /// </param>
    /// <param name="mayAwait">Whether the client may await the order's first event.</param>
    /// <exception cref="EventLogUnavailableException">
    /// The history was rewritten. This connection is closed, or is about to be.
    /// </exception>
    public Task<bool> AddAsync(
        FeedKey key, long? after, byte[] confirmation, FeedBounds? bounds = null, bool mayAwait = false)
    {
        CloseIfRewritten();
        return Feeds.JoinAsync(key, new Listener(this, new Subscription(key, after, confirmation)), bounds, mayAwait);
    }

    /// <summary>
    /// Unsubscribes; does nothing if there is no such subscription. Events that are being read for it are not sent.
    /// </summary>
    public void Remove(FeedKey key)
    {
        Subscription? removed;
        Subscription[] uncovered = [];
        lock (_rules)
        {
            removed = _rules.End(key);
            if (removed is not null && key.IsOrganization)
            {
                uncovered = [.. _rules.Orders];
            }
        }

        removed?.Membership!.Leave();
        foreach (var order in uncovered)
        {
            // The organization's subscription delivered the events of its orders. The orders deliver those that it has
            // not delivered.
            using var held = order.Membership!.Hold(out var last);
            OnLast(order, last);
        }
    }

    /// <summary>Ends all subscriptions and stops reading for them.</summary>
    public async ValueTask DisposeAsync()
    {
        Subscription[] all;
        CatchUp? catchUp;
        lock (_rules)
        {
            (_hasEnded, catchUp) = (true, _catchUp);
            all = [.. _rules.All];
            foreach (var subscription in all)
            {
                _rules.End(subscription.Key);
            }
        }

        foreach (var subscription in all)
        {
            subscription.Membership!.Leave();
        }

        if (catchUp is not null)
        {
            await catchUp.DisposeAsync();
        }
    }

    // Under the lock of the listener's group.
    private void OnJoined(Subscription subscription, IFeedMembership membership, long last)
    {
        lock (_rules)
        {
            _rules.Begin(subscription, membership, last);
            OnLast(subscription, last);
        }
    }

    // Under the lock of the listener's group.
    private void OnEvent(Subscription subscription, EventFrame frame)
    {
        lock (_rules)
        {
            Offer(subscription, frame);
        }
    }

    // Under the lock of the listener's group.
    private void OnEvents(Subscription subscription, FrameBatch batch)
    {
        lock (_rules)
        {
            if (!subscription.HasEnded && !subscription.IsCatchingUp && _rules.TryOffer(subscription, batch))
            {
                return;
            }

            foreach (var frame in batch.Frames)
            {
                Offer(subscription, frame);
            }
        }
    }

    // Under the connection's lock.
    private void Offer(Subscription subscription, EventFrame frame)
    {
        if (subscription.HasEnded || subscription.IsCatchingUp)
        {
            return;
        }

        switch (_rules.Offer(subscription, frame))
        {
            case OfferResult.Gap:
                OrderMetrics.CountHole("connection");
                BeginCatchUp(subscription);
                break;
            case OfferResult.OrderGoesFirst:
                BeginCatchUp(_rules.OrderOf(frame)!);
                BeginCatchUp(subscription);
                break;
        }
    }

    // Under the lock of the listener's group. If the subscription is behind, it reads the missing events: it has
    // resumed, or an event was lost on the way to it.
    private void OnLast(Subscription subscription, long last)
    {
        lock (_rules)
        {
            if (!subscription.HasEnded && subscription.Position < last)
            {
                BeginCatchUp(subscription);
            }
        }
    }

    // Under the connection's lock.
    private void BeginCatchUp(Subscription subscription)
    {
        if (!_hasEnded)
        {
            _catchUp ??= new CatchUp(
                _rules, _reader, _limiters.Replays, _limiters.Queues, _outbound, _client, _time, _logger);
            _catchUp.Begin(subscription);
        }
    }

    /// <summary>
    /// Closes this connection if its history has ended. When a history ends, all registered connections are closed, but
    /// this one may have been registered later.
    /// </summary>
    private void CloseIfRewritten()
    {
        if (Feeds.History.HasEnded)
        {
            _client.Close(CloseReason.HistoryRewritten);
        }
    }

    /// <summary>Gets the events of a feed for one subscription.</summary>
    private sealed class Listener(ConnectionSubscriptions owner, Subscription subscription) : IFeedListener
    {
        public void OnJoined(IFeedMembership membership, long last) => owner.OnJoined(subscription, membership, last);

        public void OnEvent(EventFrame frame) => owner.OnEvent(subscription, frame);

        public void OnEvents(FrameBatch batch) => owner.OnEvents(subscription, batch);

        public void OnLast(long last) => owner.OnLast(subscription, last);

        // The log always keeps that an order exists, so its history was lost. The client resumes and gets the answer
        // for each of its subscriptions.
        public void OnDenied() => owner._client.Close(CloseReason.HistoryRewritten);
    }
}
