using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Connections;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// What one connection is subscribed to, and the decision which event goes out to it, when, and through which
/// subscription.
/// </summary>
/// <remarks>
/// <para><b>Once, in order.</b> A subscription's <see cref="Subscription.Position"/> is a number; an event goes out when it is
/// the next one. An older one is dropped. A later one means that something is missing, and the subscription catches up from
/// the log, at the client's pace, until it meets the feed's last event; under the feed's lock it then goes live.</para>
/// <para><b>An order and the whole organization.</b> Both may be subscribed, and an event must come once. From the moment the
/// organization is joined at sequence S (<see cref="Subscription.Start"/>), events past S are the organization's to deliver,
/// and events up to S the order's, if they are still on their way. An event through the organization also moves its order's
/// position. If it finds the order's earlier versions missing, they are read first, so versions stay in order. When
/// the organization is unsubscribed, each order catches up from its own position.</para>
/// <para><b>One after the other.</b> Feeds do not keep pace with each other, so what a new subscription's feed still has
/// to bring may have come through an earlier one. Whatever is not newer than the newest event that was sent had been committed before the
/// client asked, so a new subscription leaves it out.</para>
/// <para>Locks: a feed's lock may be held when ours is taken, never the other way round.</para>
/// </remarks>
internal sealed partial class ConnectionSubscriptions(
    FeedHub hub, FeedReader reader, OutboundQueue outbound, Action<CloseReason> close, ILogger logger)
    : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Subscription> _orders = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly Queue<Subscription> _behind = [];
    private Subscription? _organization;
    private long _newestSent;
    private Task _catchingUp = Task.CompletedTask;

    /// <summary>How many subscriptions there are. Only the connection's reader changes it.</summary>
    public int Count => _orders.Count + (_organization is null ? 0 : 1);

    /// <summary>Whether this feed is subscribed.</summary>
    public bool Contains(FeedKey key) =>
        key.IsOrganization ? _organization is not null : _orders.ContainsKey(key.OrderId!);

    /// <summary>
    /// Subscribes, from the next event on, and sends the confirmation before the first event. False where the feed is denied.
    /// </summary>
    public Task<bool> AddAsync(FeedKey key, byte[] confirmation) =>
        hub.JoinAsync(key, new Subscription(key, this, confirmation));

    /// <summary>Unsubscribes; does nothing where there is no such subscription.</summary>
    public void Remove(FeedKey key)
    {
        Subscription? removed;
        Subscription[] uncovered = [];
        lock (_lock)
        {
            if (key.IsOrganization)
            {
                removed = _organization;
                _organization = null;
                uncovered = [.. _orders.Values];
            }
            else
            {
                _orders.Remove(key.OrderId!, out removed);
            }

            if (removed is null)
            {
                return;
            }

            removed.HasEnded = true;
        }

        removed.Feed!.Leave(removed);
        foreach (var order in uncovered)
        {
            // What came while the organization delivered was left to it; what it did not deliver any more is due now.
            order.Feed!.Synchronize(last => CatchUpIfBehind(order, last));
        }
    }

    /// <summary>Ends all subscriptions, and the reading for them.</summary>
    public async ValueTask DisposeAsync()
    {
        Subscription[] all;
        lock (_lock)
        {
            all = [.. _orders.Values, .. _organization is null ? Array.Empty<Subscription>() : [_organization]];
            foreach (var subscription in all)
            {
                subscription.HasEnded = true;
            }

            _orders.Clear();
            _organization = null;
        }

        foreach (var subscription in all)
        {
            subscription.Feed!.Leave(subscription);
        }

        await _ended.CancelAsync();
        await _catchingUp;
        _ended.Dispose();
    }

    /// <summary>A subscription takes its place in its feed. Under the feed's lock.</summary>
    public void Joined(Subscription subscription, Feed feed, long last)
    {
        lock (_lock)
        {
            if (subscription.Key.IsOrganization)
            {
                subscription.Begin(feed, Math.Max(last, _newestSent), 0);
                _organization = subscription;
            }
            else
            {
                subscription.Begin(feed, last, _newestSent);
                subscription.IsUnderOrganization = _organization is not null;
                _orders[subscription.Key.OrderId!] = subscription;
            }

            Send(subscription.Confirmation);
        }
    }

    /// <summary>A live event of a subscription's feed. Under the feed's lock.</summary>
    public void OnEvent(Subscription subscription, EventFrame frame)
    {
        lock (_lock)
        {
            if (!subscription.HasEnded && !subscription.IsCatchingUp)
            {
                Offer(subscription, frame);
            }
        }
    }

    /// <summary>Sends the event if it is the subscription's next; starts catching up if it is a later one.</summary>
    private void Offer(Subscription subscription, EventFrame frame)
    {
        if (frame.Number <= subscription.Position || IsLeftToOrganization(subscription, frame))
        {
            return;
        }

        if (frame.Number > subscription.Position + 1)
        {
            CatchUp(subscription);
        }
        else if (!subscription.Key.IsOrganization || MovesItsOrder(frame))
        {
            subscription.Position = frame.Number;
            if (frame.Sequence > subscription.SkipThrough)
            {
                _newestSent = Math.Max(_newestSent, frame.Sequence);
                Send(frame.Bytes);
            }
        }
    }

    private bool IsLeftToOrganization(Subscription subscription, EventFrame frame) =>
        !subscription.Key.IsOrganization && _organization is not null && frame.Sequence > _organization.Start;

    /// <summary>
    /// Settles an organization's event with a subscription to its order. False where it must not be sent now.
    /// </summary>
    private bool MovesItsOrder(EventFrame frame)
    {
        if (_orders.Count == 0 || !_orders.TryGetValue(frame.OrderId, out var order))
        {
            return true;
        }

        if (order.IsUnderOrganization)
        {
            order.IsUnderOrganization = false;
        }
        else if (frame.Version <= order.Position)
        {
            // The order's subscription has sent it, before the organization's began.
            _organization!.Position = frame.Number;
            return false;
        }
        else if (order.IsCatchingUp || frame.Version > order.Position + 1)
        {
            CatchUp(order);
            CatchUp(_organization!);
            return false;
        }

        order.Position = frame.Version;
        return true;
    }

    private void Send(byte[] frame)
    {
        if (!outbound.TryEnqueue(frame))
        {
            close(CloseReason.TooSlow);
        }
    }

    private bool CatchUpIfBehind(Subscription subscription, long last)
    {
        lock (_lock)
        {
            subscription.IsUnderOrganization = false;
            if (!subscription.HasEnded && subscription.Position < last)
            {
                CatchUp(subscription);
            }

            return true;
        }
    }

    private void CatchUp(Subscription subscription)
    {
        if (subscription.IsCatchingUp)
        {
            return;
        }

        subscription.IsCatchingUp = true;
        _behind.Enqueue(subscription);
        if (_catchingUp.IsCompleted)
        {
            _catchingUp = Task.Run(CatchUpAsync);
        }
    }

    /// <summary>Reads for one subscription after the other until all are live. Never fails; the connection awaits it.</summary>
    private async Task CatchUpAsync()
    {
        try
        {
            while (true)
            {
                Subscription? subscription;
                lock (_lock)
                {
                    if (!_behind.TryPeek(out subscription))
                    {
                        _catchingUp = Task.CompletedTask;
                        return;
                    }
                }

                if (!subscription.HasEnded)
                {
                    await CatchUpAsync(subscription);
                }

                lock (_lock)
                {
                    _behind.Dequeue();
                }
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The connection is over.
        }
        catch (Exception e)
        {
            LogCannotCatchUp(e);
            close(CloseReason.ServerFault);
        }
    }

    private async Task CatchUpAsync(Subscription subscription)
    {
        while (true)
        {
            await outbound.WaitForSpaceAsync(_ended.Token);
            var expected = subscription.Feed!.Last;
            var page = await reader.ReadAsync(subscription.Key, subscription.Position);
            _ended.Token.ThrowIfCancellationRequested();
            if (!SendPage(subscription, page, expected)
                || subscription.Feed.Synchronize(last => GoLive(subscription, last)))
            {
                return;
            }
        }
    }

    /// <summary>Sends a page of the log. False where this reading is over: ended, or to go on after another one's.</summary>
    private bool SendPage(Subscription subscription, EventFrame[] page, long expected)
    {
        lock (_lock)
        {
            foreach (var frame in page)
            {
                if (subscription.HasEnded)
                {
                    return false;
                }

                if (IsLeftToOrganization(subscription, frame))
                {
                    subscription.IsCatchingUp = false;
                    return false;
                }

                // The log has no holes, except where it no longer goes back far enough.
                subscription.Position = Math.Max(subscription.Position, frame.Number - 1);
                Offer(subscription, frame);
                if (subscription.Position < frame.Number)
                {
                    // One of its orders is behind and stands in the queue now: it goes first.
                    _behind.Enqueue(subscription);
                    return false;
                }
            }

            if (page.Length == 0)
            {
                // The feed had passed this on before the log was read, so the log has let go of it.
                subscription.Position = Math.Max(subscription.Position, expected);
            }

            return true;
        }
    }

    /// <summary>Under the feed's lock: nothing can come between what was read and what comes live.</summary>
    private bool GoLive(Subscription subscription, long last)
    {
        lock (_lock)
        {
            subscription.IsCatchingUp = !subscription.HasEnded && subscription.Position < last;
            return !subscription.IsCatchingUp;
        }
    }

    [LoggerMessage(1310, LogLevel.Warning,
        "A connection could not read from the log what it missed; it is closed, and its client connects again")]
    private partial void LogCannotCatchUp(Exception exception);
}
