namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// The hop from a feed to one of its subscriptions, under the feed's lock. A seam, so that it can be shown that what is
/// lost, repeated or swapped here is healed like everywhere else.
/// </summary>
internal delegate void FrameDelivery(Subscription subscription, EventFrame frame);

/// <summary>
/// One connection's place in one feed: a number. Everything past it is sent, in order, once, whether it comes live or has
/// to be read. Guarded by the lock of <see cref="ConnectionSubscriptions"/>, which decides.
/// </summary>
internal sealed class Subscription(FeedKey key, ConnectionSubscriptions owner, byte[] confirmation)
{
    public FeedKey Key => key;

    /// <summary>The frame that confirms it, which goes out before its first event.</summary>
    public byte[] Confirmation => confirmation;

    public Feed? Feed { get; private set; }

    /// <summary>The number of the last event that the client has been sent, or knew before.</summary>
    public long Position { get; set; }

    /// <summary>The number after which this subscription began.</summary>
    public long Start { get; private set; }

    /// <summary>
    /// For an order: the sequence up to which nothing is due to it, because this connection had been sent a newer event
    /// before it asked.
    /// </summary>
    public long SkipThrough { get; private set; }

    /// <summary>Whether the client still wants it.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Whether it is being read up to the present; live events are left to the reader then.</summary>
    public bool IsCatchingUp { get; set; }

    /// <summary>
    /// For an order: whether it began while the whole organization was subscribed and has seen nothing yet. Its
    /// <see cref="Position"/> then says what exists, not what was sent.
    /// </summary>
    public bool IsUnderOrganization { get; set; }

    /// <summary>Called under the feed's lock.</summary>
    public void Join(Feed feed, long last) => owner.Joined(this, feed, last);

    /// <summary>Called under the feed's lock.</summary>
    public void OnEvent(EventFrame frame) => owner.OnEvent(this, frame);

    /// <summary>Takes its place in the feed. Under the owner's lock.</summary>
    public void Begin(Feed feed, long last, long skipThrough)
    {
        Feed = feed;
        Start = Position = last;
        SkipThrough = skipThrough;
    }
}
