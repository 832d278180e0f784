using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// Decides which events are sent to a client, and through which of its subscriptions. It neither waits nor reads. It is
/// also the connection's lock, and is used under it (<see cref="ConnectionSubscriptions"/>).
/// </summary>
/// <remarks>
/// <para><b>Once, in order.</b> A subscription's <see cref="Subscription.Position"/> is a number, and only the event
/// with the next number is sent. An older event is dropped. A later one shows that events are missing, which must be
/// read first.</para>
/// <para><b>An order and the whole organization.</b> A client may subscribe to both, and each event must come once.
/// When the organization is joined at sequence S (<see cref="Subscription.Start"/>), it delivers the events after S, so
/// that its sequence has no gaps. The order delivers the events up to S that are still on their way or that the client
/// has requested. An event that the organization delivers also advances its order's position. If earlier versions of
/// the order are missing, they are sent first, so that versions stay in order. When the organization is unsubscribed,
/// each order continues from its own position.</para>
/// <para><b>One subscription after the other.</b> Feeds are not synchronized. An earlier subscription may have
/// delivered an event that the feed of a new subscription has yet to pass on. An event that is not newer than the
/// newest sent event was committed before the client subscribed. So a new subscription omits it, unless it resumes and
/// thereby requests it.</para>
/// <para><b>A replay next to other subscriptions.</b> A replay omits events that another living subscription has sent.
/// It also omits events of subscriptions that ended during the replay (<see cref="SentRanges"/>).</para>
/// </remarks>
internal sealed class DeliveryRules(IClientChannel client)
{
    private readonly OrderSubscriptions _orders = new();
    private readonly SentRanges _sentByEnded = new();
    private Subscription? _organization;
    private long _newestSent;

    /// <summary>All subscriptions.</summary>
    public IEnumerable<Subscription> All =>
        _organization is null ? _orders.All : _orders.All.Append(_organization);

    /// <summary>The subscriptions to single orders.</summary>
    public IReadOnlyCollection<Subscription> Orders => _orders.All;

    public int Count => _orders.Count + (_organization is null ? 0 : 1);

    public bool Contains(FeedKey key) =>
        key.IsOrganization ? _organization is not null : _orders.Find(key.OrderId!) is not null;

    /// <summary>
    /// Adds and confirms a subscription whose feed has passed on every event up to <paramref name="last"/>.
    /// </summary>
    public void Begin(Subscription subscription, IFeedMembership membership, long last)
    {
        if (subscription.Key.IsOrganization)
        {
            subscription.Begin(membership, subscription.After ?? Math.Max(last, _newestSent), 0);
            _organization = subscription;
        }
        else
        {
            subscription.Begin(membership, subscription.After ?? last, subscription.After is null ? _newestSent : 0);
            _orders.Set(subscription);
        }

        SubscriptionMetrics.Begin(subscription.Key);
        client.Send(subscription.TakeConfirmation());
    }

    /// <summary>Ends and returns a subscription; null if there is no such subscription.</summary>
    public Subscription? End(FeedKey key)
    {
        Subscription? ended;
        if (key.IsOrganization)
        {
            (ended, _organization) = (_organization, null);
        }
        else
        {
            ended = _orders.Remove(key.OrderId!);
        }

        if (ended is not null)
        {
            ended.HasEnded = true;
            SubscriptionMetrics.End(key);
            if (All.Any(other => other.IsCatchingUp))
            {
                _sentByEnded.Add(ended);
            }
        }

        return ended;
    }

    /// <summary>
    /// Clears the events that were recorded for replays. Called when no replay is in progress any more.
    /// </summary>
    public void OnAllCaughtUp() => _sentByEnded.Clear();

    /// <summary>Sends the event if it is the subscription's next one and no other subscription delivers it.</summary>
    public OfferResult Offer(Subscription subscription, EventFrame frame)
    {
        var check = new FeedPosition(subscription.Position).Check(frame.Number);
        if (check == NumberCheck.Duplicate)
        {
            OrderMetrics.CountDuplicate("connection");
            return OfferResult.Settled;
        }

        return subscription.Key.IsOrganization
            ? OfferToOrganization(subscription, frame, check)
            : OfferToOrder(subscription, frame, check);
    }

    /// <summary>
    /// Sends all events of a batch in joined frames, if all of them are due and the subscription is the connection's
    /// only one. Otherwise returns false and changes nothing; then each event must be offered.
    /// </summary>
    public bool TryOffer(Subscription subscription, FrameBatch batch)
    {
        if (Count != 1 || !batch.IsContiguous || batch.First != subscription.Position + 1
            || batch.Frames[0].Sequence <= subscription.SkipThrough || !_sentByEnded.IsEmpty
            || client.Encoding != FrameEncoding.WebSocket)
        {
            return false;
        }

        subscription.Position = batch.Last;
        _newestSent = Math.Max(_newestSent, batch.NewestSequence);
        EventCounts.CountDelivered(EventHop.Connection, batch.Frames.Length);
        foreach (var frames in batch.JoinedFor(client.CompressionWindow))
        {
            client.Send(frames);
        }

        return true;
    }

    /// <summary>Returns the subscription to the event's order; null if there is no such subscription.</summary>
    public Subscription? OrderOf(EventFrame frame) => _orders.Find(frame.OrderId);

    private OfferResult OfferToOrder(Subscription order, EventFrame frame, NumberCheck check)
    {
        var isNext = check == NumberCheck.Next;
        if (_organization is not null && frame.Sequence > _organization.Start)
        {
            if (frame.Sequence > _organization.Position)
            {
                return OfferResult.LeftToOrganization;
            }

            // The organization has sent this event. If it is not the next one, the earlier versions must still be read.
            order.Position = isNext ? frame.Number : order.Position;
            return isNext ? OfferResult.Settled : OfferResult.Gap;
        }

        if (!isNext)
        {
            return OfferResult.Gap;
        }

        if (frame.Sequence <= order.SkipThrough)
        {
            order.Skip(frame.Number);
            return OfferResult.Settled;
        }

        order.Position = frame.Number;
        if (!_sentByEnded.ContainsOrganizationEvent(frame))
        {
            Send(frame);
        }

        return OfferResult.Settled;
    }

    private OfferResult OfferToOrganization(Subscription organization, EventFrame frame, NumberCheck check)
    {
        if (check == NumberCheck.Gap)
        {
            return OfferResult.Gap;
        }

        var order = _orders.Count == 0 ? null : OrderOf(frame);
        if (order is not null && new FeedPosition(order.Position).Check(frame.Version) == NumberCheck.Gap)
        {
            order.Known = Math.Max(order.Known, frame.Version - 1);
            return OfferResult.OrderGoesFirst;
        }

        organization.Position = frame.Number;
        var isSent = _sentByEnded.ContainsOrderEvent(frame);
        if (order is not null && frame.Version > order.Start)
        {
            isSent |= frame.Version <= order.Position;
            order.Position = Math.Max(order.Position, frame.Version);
        }

        if (!isSent)
        {
            Send(frame);
        }

        return OfferResult.Settled;
    }

    private void Send(EventFrame frame)
    {
        _newestSent = Math.Max(_newestSent, frame.Sequence);
        EventCounts.CountDelivered(EventHop.Connection, 1);
        client.Send(frame.In(client.Encoding, client.CompressionWindow));
    }
}

/// <summary>The result of offering an event to a subscription.</summary>
internal enum OfferResult
{
    /// <summary>The event has been sent, now or earlier, or is not due.</summary>
    Settled,

    /// <summary>Earlier events are missing and must be read from the subscription's position on.</summary>
    Gap,

    /// <summary>The organization-wide subscription delivers the event when its sequence is next.</summary>
    LeftToOrganization,

    /// <summary>
    /// Earlier versions of the event's order are missing. They must be read first, then this event again.
    /// </summary>
    OrderGoesFirst,
}
