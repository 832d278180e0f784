namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// Which event goes out to a client, and through which of its subscriptions. Nothing but decisions: no waiting, no
/// reading; used under the lock of <see cref="ConnectionSubscriptions"/>.
/// </summary>
/// <remarks>
/// <para><b>Once, in order.</b> A subscription's <see cref="Subscription.Position"/> is a number; an event goes out when it is
/// the next one. An older one is dropped, and a later one means that something is missing and must be read first.</para>
/// <para><b>An order and the whole organization.</b> Both may be subscribed, and an event must come once. From the moment
/// the organization is joined at sequence S (<see cref="Subscription.Start"/>), events past S are the organization's to
/// deliver, so that its sequence has no holes, and events up to S the order's, if they are still on their way or asked for.
/// An event through the organization also moves its order's position. If it finds the order's earlier versions missing,
/// they go first, so versions stay in order. When the organization is unsubscribed, each order goes on from its own
/// position.</para>
/// <para><b>One after the other.</b> Feeds do not keep pace with each other, so what a new subscription's feed still has
/// to bring may have come through an earlier one. Whatever is not newer than the newest event that was sent had been
/// committed before the client asked, so a new subscription leaves it out, unless it asks for it by resuming.</para>
/// <para><b>Resumed beside others.</b> A replay leaves out what another living subscription has sent, and, while it runs,
/// also what one that has ended meanwhile had sent (<see cref="SentEarlier"/>).</para>
/// </remarks>
internal sealed class DeliveryRules(Action<byte[]> send)
{
    private readonly Dictionary<string, Subscription> _orders = [];
    private readonly SentEarlier _sentEarlier = new();
    private Subscription? _organization;
    private long _newestSent;

    /// <summary>All subscriptions.</summary>
    public IEnumerable<Subscription> All => _organization is null ? _orders.Values : _orders.Values.Append(_organization);

    /// <summary>The subscriptions to single orders.</summary>
    public IReadOnlyCollection<Subscription> Orders => _orders.Values;

    public int Count => _orders.Count + (_organization is null ? 0 : 1);

    public bool Contains(FeedKey key) =>
        key.IsOrganization ? _organization is not null : _orders.ContainsKey(key.OrderId!);

    /// <summary>Adds a subscription whose feed has passed on everything up to <paramref name="last"/>, and confirms it.</summary>
    public void Begin(Subscription subscription, Feed feed, long last)
    {
        if (subscription.Key.IsOrganization)
        {
            subscription.Begin(feed, subscription.After ?? Math.Max(last, _newestSent), 0);
            _organization = subscription;
        }
        else
        {
            subscription.Begin(feed, subscription.After ?? last, subscription.After is null ? _newestSent : 0);
            _orders[subscription.Key.OrderId!] = subscription;
        }

        send(subscription.Confirmation);
    }

    /// <summary>Takes a subscription away; null where there is none.</summary>
    public Subscription? End(FeedKey key)
    {
        Subscription? ended;
        if (key.IsOrganization)
        {
            (ended, _organization) = (_organization, null);
        }
        else
        {
            _orders.Remove(key.OrderId!, out ended);
        }

        if (ended is not null)
        {
            ended.HasEnded = true;
            if (All.Any(other => other.IsCatchingUp))
            {
                _sentEarlier.Remember(ended);
            }
        }

        return ended;
    }

    /// <summary>Nothing is being read any more: what was remembered for it can go.</summary>
    public void CaughtUp() => _sentEarlier.Clear();

    /// <summary>Sends the event if it is the subscription's next and nobody else's to send.</summary>
    public Offered Offer(Subscription subscription, EventFrame frame)
    {
        if (frame.Number <= subscription.Position)
        {
            OrderMetrics.CountDuplicate("connection");
            return Offered.Settled;
        }

        return subscription.Key.IsOrganization ? OfferToOrganization(subscription, frame) : OfferToOrder(subscription, frame);
    }

    /// <summary>The subscription to the event's order, if there is one.</summary>
    public Subscription? OrderOf(EventFrame frame) => _orders.GetValueOrDefault(frame.OrderId);

    private Offered OfferToOrder(Subscription order, EventFrame frame)
    {
        var isNext = frame.Number == order.Position + 1;
        if (_organization is not null && frame.Sequence > _organization.Start)
        {
            if (frame.Sequence > _organization.Position)
            {
                return Offered.LeftToOrganization;
            }

            // The organization has sent it. One further on does not tell what lies between.
            order.Position = isNext ? frame.Number : order.Position;
            return isNext ? Offered.Settled : Offered.Missing;
        }

        if (!isNext)
        {
            return Offered.Missing;
        }

        if (frame.Sequence <= order.SkipThrough)
        {
            order.Skip(frame.Number);
            return Offered.Settled;
        }

        order.Position = frame.Number;
        if (!_sentEarlier.ThroughOrganization(frame))
        {
            Send(frame);
        }

        return Offered.Settled;
    }

    private Offered OfferToOrganization(Subscription organization, EventFrame frame)
    {
        if (frame.Number > organization.Position + 1)
        {
            return Offered.Missing;
        }

        var order = _orders.Count == 0 ? null : OrderOf(frame);
        if (order is not null && frame.Version > order.Position + 1)
        {
            order.Known = Math.Max(order.Known, frame.Version - 1);
            return Offered.OrderGoesFirst;
        }

        organization.Position = frame.Number;
        var isSent = _sentEarlier.ThroughOrder(frame);
        if (order is not null && frame.Version > order.Start)
        {
            isSent |= frame.Version <= order.Position;
            order.Position = Math.Max(order.Position, frame.Version);
        }

        if (!isSent)
        {
            Send(frame);
        }

        return Offered.Settled;
    }

    private void Send(EventFrame frame)
    {
        _newestSent = Math.Max(_newestSent, frame.Sequence);
        send(frame.Bytes);
    }
}

/// <summary>What became of an event that was offered to a subscription.</summary>
internal enum Offered
{
    /// <summary>It has been sent, now or before, or is not due.</summary>
    Settled,

    /// <summary>Something before it is missing: read on from the subscription's position.</summary>
    Missing,

    /// <summary>The organization-wide subscription brings it when its turn comes there.</summary>
    LeftToOrganization,

    /// <summary>Earlier versions of its order are still missing: read those first, then this again.</summary>
    OrderGoesFirst,
}
