namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// Delivers an event from a feed to one of its subscriptions, under the feed's lock. Tests replace it to show that
/// events that are lost, repeated or reordered here are recovered.
/// </summary>
internal delegate void FrameDelivery(Subscription subscription, EventFrame frame);

/// <summary>
/// One connection's position in one feed: a number. Every event after it is sent once and in order, whether it comes
/// live or must be read. Guarded by the lock of <see cref="ConnectionSubscriptions"/>; <see cref="DeliveryRules"/>
/// decides.
/// </summary>
/// <param name="key">The feed.</param>
/// <param name="owner">The connection's subscriptions.</param>
/// <param name="after">The number after which to resume; null to begin with the feed's next event.</param>
/// <param name="confirmation">The frame that confirms the subscription. It is sent before the first event.</param>
internal sealed class Subscription(FeedKey key, ConnectionSubscriptions owner, long? after, byte[] confirmation)
{
    public FeedKey Key => key;

    public long? After => after;

    public byte[] Confirmation => confirmation;

    public Feed? Feed { get; private set; }

    /// <summary>
    /// The index in the feed's list; -1 if it is not in the list. Owned by the feed and used under the feed's lock.
    /// </summary>
    public int Slot { get; set; } = -1;

    /// <summary>The number of the last event that was sent to the client or is not due to it.</summary>
    public long Position { get; set; }

    /// <summary>
    /// The number after which the subscription began. Events after it, up to <see cref="Position"/>, have been sent.
    /// </summary>
    public long Start { get; private set; }

    /// <summary>
    /// For an order: no event up to this sequence is due, because the connection had been sent a newer event before the
    /// client subscribed.
    /// </summary>
    public long SkipThrough { get; private set; }

    /// <summary>The highest number of the feed that is known from another source than the feed.</summary>
    public long Known { get; set; }

    /// <summary>Whether the subscription has ended.</summary>
    public bool HasEnded { get; set; }

    /// <summary>
    /// Whether the log is being read for the subscription. Live events are then ignored, because they are read from the
    /// log.
    /// </summary>
    public bool IsCatchingUp { get; set; }

    /// <summary>Joins the feed. Called under the feed's lock.</summary>
    public void Join(Feed feed, long last) => owner.Joined(this, feed, last);

    /// <summary>Handles a live event. Called under the feed's lock.</summary>
    public void OnEvent(EventFrame frame) => owner.OnEvent(this, frame);

    /// <summary>
    /// Handles a feed that has passed on every event up to this number. Called under the feed's lock.
    /// </summary>
    public void OnLast(long last) => owner.OnLast(this, last);

    /// <summary>Begins after a number. Called under the owner's lock.</summary>
    public void Begin(Feed feed, long position, long skipThrough)
    {
        Feed = feed;
        Start = Position = position;
        SkipThrough = skipThrough;
    }

    /// <summary>Skips an event that is not due and was not sent. Called under the owner's lock.</summary>
    public void Skip(long number) => Start = Position = number;
}
