using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Connections;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// What one connection is subscribed to: subscriptions come and go here, and their feeds' events arrive here.
/// </summary>
/// <remarks>
/// <code>
///   feed ──► DeliveryRules: the next one? ──► outbound queue
///                  │ something is missing, or the client resumes
///                  └──► CatchUp reads the log at the client's pace, until it meets the feed's last event: live again
/// </code>
/// A connection belongs to one history of the log (<see cref="FeedHistory"/>) from its first request on.
/// Locks: a feed's lock may be held when ours is taken, never the other way round.
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
        FeedHub hub, FeedReader reader, FrontEndTurns turns, OutboundQueue outbound, Action<CloseReason> close, TimeProvider time,
        ILogger logger)
    {
        _hub = hub;
        _reader = reader;
        _outbound = outbound;
        _close = close;
        _rules = new DeliveryRules(Send);
        _catchUp = new CatchUp(_lock, _rules, reader, turns.Replays, outbound, close, time, logger);
    }

    /// <summary>How many subscriptions there are. Only the connection's reader changes it.</summary>
    public int Count => _rules.Count;

    /// <summary>Whether this feed is subscribed.</summary>
    public bool Contains(FeedKey key) => _rules.Contains(key);

    // Several look-ups of one message may ask for it first, at once: they must get the same one.
    private FeedHistory History => _history ?? Interlocked.CompareExchange(ref _history, _hub.History, null) ?? _history;

    /// <summary>Which events of a feed can be read; null where it is denied.</summary>
    /// <exception cref="EventLogUnavailableException">They are of another epoch than this connection; it is, or will
    /// be, closed.</exception>
    public async Task<FeedBounds?> GetBoundsAsync(FeedKey key)
    {
        CloseIfRewritten();
        var history = History;
        var bounds = await _reader.GetBoundsAsync(key);
        history.Require(bounds?.Epoch);
        return bounds;
    }

    /// <summary>
    /// Subscribes, from the next event on or from what follows a number, and sends the confirmation before the first event. False
    /// where the feed is denied.
    /// </summary>
    /// <param name="key">The feed.</param>
    /// <param name="after">The number to resume from; null to begin with the next event.</param>
    /// <param name="confirmation">The frame that confirms it.</param>
    /// <param name="bounds">The answer of <see cref="GetBoundsAsync"/>, if the caller has one: the log is not asked
    /// again.</param>
    /// <exception cref="EventLogUnavailableException">The history was rewritten; this connection is, or will be,
    /// closed.</exception>
    public Task<bool> AddAsync(FeedKey key, long? after, byte[] confirmation, FeedBounds? bounds = null)
    {
        CloseIfRewritten();
        return _hub.JoinAsync(History, key, new Subscription(key, this, after, confirmation), bounds);
    }

    /// <summary>Unsubscribes; does nothing where there is no such subscription. What is being read for it is not sent.</summary>
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
            // What came while the organization delivered was left to it; what it did not deliver any more is due now.
            order.Feed!.Synchronize(last => OnLast(order, last));
        }
    }

    /// <summary>Ends all subscriptions, and the reading for them.</summary>
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

    /// <summary>A subscription takes its place in its feed. Under the feed's lock.</summary>
    public void Joined(Subscription subscription, Feed feed, long last)
    {
        lock (_lock)
        {
            _rules.Begin(subscription, feed, last);
            OnLast(subscription, last);
        }
    }

    /// <summary>A live event of a subscription's feed. Under the feed's lock.</summary>
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
    /// The feed has passed on everything up to this number. Under the feed's lock. A subscription that has not seen it all reads
    /// it: it has resumed, or something was lost on the way to it.
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
    /// Closes a connection whose history ended before it was registered among the connections, which are closed when
    /// that happens.
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
