namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// The hop from a feed to one of its subscriptions, under the feed's lock. A seam, so that it can be shown that what is
/// lost, repeated or swapped here is healed like everywhere else.
/// </summary>
internal delegate void FrameDelivery(Subscription subscription, EventFrame frame);

/// <summary>
/// One connection's place in one feed: a number. Everything past it is sent, in order, once, whether it comes live or has
/// to be read. Guarded by the lock of <see cref="ConnectionSubscriptions"/>; <see cref="DeliveryRules"/> decides.
/// </summary>
/// <param name="key">The feed.</param>
/// <param name="owner">The connection's subscriptions.</param>
/// <param name="after">The number to resume from; null to begin with the feed's next event.</param>
/// <param name="confirmation">The frame that confirms it, which goes out before its first event.</param>
internal sealed class Subscription(FeedKey key, ConnectionSubscriptions owner, long? after, byte[] confirmation)
{
    public FeedKey Key => key;

    public long? After => after;

    public byte[] Confirmation => confirmation;

    public Feed? Feed { get; private set; }

    /// <summary>Its place in the feed's list, -1 if it is not there. The feed's, under the feed's lock.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>The number of the last event that the client has been sent, or is not to be sent.</summary>
    public long Position { get; set; }

    /// <summary>The number after which it began: what is past it, up to <see cref="Position"/>, has been sent.</summary>
    public long Start { get; private set; }

    /// <summary>
    /// For an order: the sequence up to which nothing is due to it, because this connection had been sent a newer event
    /// before it asked.
    /// </summary>
    public long SkipThrough { get; private set; }

    /// <summary>The highest number that is known to exist from elsewhere than the feed.</summary>
    public long Known { get; set; }

    /// <summary>Whether the client no longer wants it.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Whether it is being read up to the present; live events are left to the reader then.</summary>
    public bool IsCatchingUp { get; set; }

    /// <summary>Takes its place in the feed; called under the feed's lock.</summary>
    public void Join(Feed feed, long last) => owner.Joined(this, feed, last);

    /// <summary>A live event; called under the feed's lock.</summary>
    public void OnEvent(EventFrame frame) => owner.OnEvent(this, frame);

    /// <summary>The feed has been passed on up to this number; called under the feed's lock.</summary>
    public void OnLast(long last) => owner.OnLast(this, last);

    /// <summary>Begins at a number. Under the owner's lock.</summary>
    public void Begin(Feed feed, long position, long skipThrough)
    {
        Feed = feed;
        Start = Position = position;
        SkipThrough = skipThrough;
    }

    /// <summary>Passes over an event that is not due and was not sent. Under the owner's lock.</summary>
    public void Skip(long number) => Start = Position = number;
}
