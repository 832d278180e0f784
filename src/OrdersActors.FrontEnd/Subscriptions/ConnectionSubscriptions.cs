using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Connections;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>The subscriptions of one connection. Adds and removes them, and gets the events of their feeds.</summary>
/// <remarks>
/// <code>
///   feed ──► DeliveryRules: the next one? ──► outbound queue
///                  │ events are missing, or the client resumes
///                  └──► CatchUp reads the log at the client's pace up to the feed's last event, then live again
/// </code>
/// A connection belongs to one history of the log (<see cref="FeedHistory"/>) from its first request on. A feed's lock
/// may be held when this class's lock is taken, never the other way round.
/// </remarks>
internal sealed class ConnectionSubscriptions : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly FeedHub _hub;
    private readonly FeedReader _reader;
    private readonly OutboundQueue _outbound;
    private readonly Action<CloseReason> _close;
    private readonly DeliveryRules _rules;
    private readonly CatchUp _catchUp;
    private FeedHistory? _history;

    public ConnectionSubscriptions(
        FeedHub hub, FeedReader reader, FrontEndTurns turns, OutboundQueue outbound, Action<CloseReason> close,
        TimeProvider time, ILogger logger)
    {
        _hub = hub;
        _reader = reader;
        _outbound = outbound;
        _close = close;
        _rules = new DeliveryRules(Send);
        _catchUp = new CatchUp(_lock, _rules, reader, turns.Replays, outbound, close, time, logger);
    }

    /// <summary>The number of subscriptions. Only the connection's reader changes it.</summary>
    public int Count => _rules.Count;

    /// <summary>Whether the connection has a subscription to this feed.</summary>
    public bool Contains(FeedKey key) => _rules.Contains(key);

    // Several concurrent lookups of one message may be the first to read it. All of them must get the same history.
    private FeedHistory History =>
        _history ?? Interlocked.CompareExchange(ref _history, _hub.History, null) ?? _history;

    /// <summary>Returns which events of a feed can be read; null if access is denied.</summary>
    /// <exception cref="EventLogUnavailableException">
    /// The feed has another epoch than this connection. The connection is closed, or is about to be.
    /// </exception>
    public async Task<FeedBounds?> GetBoundsAsync(FeedKey key)
    {
        CloseIfRewritten();
        var history = History;
        var bounds = await _reader.GetBoundsAsync(key);
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
    /// <exception cref="EventLogUnavailableException">
    /// The history was rewritten. This connection is closed, or is about to be.
    /// </exception>
    public Task<bool> AddAsync(FeedKey key, long? after, byte[] confirmation, FeedBounds? bounds = null)
    {
        CloseIfRewritten();
        return _hub.JoinAsync(History, key, new Subscription(key, this, after, confirmation), bounds);
    }

    /// <summary>
    /// Unsubscribes; does nothing if there is no such subscription. Events that are being read for it are not sent.
    /// </summary>
    public void Remove(FeedKey key)
    {
        Subscription? removed;
        Subscription[] uncovered = [];
        lock (_lock)
        {
            removed = _rules.End(key);
            if (removed is not null && key.IsOrganization)
            {
                uncovered = [.. _rules.Orders];
            }
        }

        removed?.Feed!.Leave(removed);
        foreach (var order in uncovered)
        {
            // The organization's subscription delivered the events of its orders. The orders deliver those that it has
            // not delivered.
            order.Feed!.Synchronize(last => OnLast(order, last));
        }
    }

    /// <summary>Ends all subscriptions and stops reading for them.</summary>
    public async ValueTask DisposeAsync()
    {
        Subscription[] all;
        lock (_lock)
        {
            all = [.. _rules.All];
            foreach (var subscription in all)
            {
                _rules.End(subscription.Key);
            }
        }

        foreach (var subscription in all)
        {
            subscription.Feed!.Leave(subscription);
        }

        await _catchUp.DisposeAsync();
    }

    /// <summary>Adds a subscription that joins its feed. Called under the feed's lock.</summary>
    public void Joined(Subscription subscription, Feed feed, long last)
    {
        lock (_lock)
        {
            _rules.Begin(subscription, feed, last);
            OnLast(subscription, last);
        }
    }

    /// <summary>Handles a live event of a subscription's feed. Called under the feed's lock.</summary>
    public void OnEvent(Subscription subscription, EventFrame frame)
    {
        lock (_lock)
        {
            if (subscription.HasEnded || subscription.IsCatchingUp)
            {
                return;
            }

            switch (_rules.Offer(subscription, frame))
            {
                case Offered.Missing:
                    OrderMetrics.CountHole("connection");
                    _catchUp.Begin(subscription);
                    break;
                case Offered.OrderGoesFirst:
                    _catchUp.Begin(_rules.OrderOf(frame)!);
                    _catchUp.Begin(subscription);
                    break;
            }
        }
    }

    /// <summary>
    /// Handles a feed that has passed on every event up to this number. Called under the feed's lock. If the
    /// subscription is behind, it reads the missing events: it has resumed, or an event was lost on the way to it.
    /// </summary>
    public void OnLast(Subscription subscription, long last)
    {
        lock (_lock)
        {
            if (!subscription.HasEnded && subscription.Position < last)
            {
                _catchUp.Begin(subscription);
            }
        }
    }

    /// <summary>
    /// Closes this connection if its history has ended. When a history ends, all registered connections are closed, but
    /// this one may have been registered later.
    /// </summary>
    private void CloseIfRewritten()
    {
        if (History.HasEnded)
        {
            _close(CloseReason.HistoryRewritten);
        }
    }

    private void Send(byte[] frame)
    {
        if (!_outbound.TryEnqueue(frame))
        {
            _close(CloseReason.TooSlow);
        }
    }
}
