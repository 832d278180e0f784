using OrdersActors.FrontEnd.Feeds;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// One connection's position in one feed: a number. Every event after it is sent once and in order, whether it comes
/// live or must be read. Guarded by the lock of <see cref="ConnectionSubscriptions"/>; <see cref="DeliveryRules"/>
/// decides.
/// </summary>
/// <param name="key">The feed.</param>
/// <param name="after">The number after which to resume; null to begin with the feed's next event.</param>
/// <param name="confirmation">The frame that confirms the subscription. It is sent before the first event.</param>
internal sealed class Subscription(FeedKey key, long? after, byte[] confirmation)
{
    public FeedKey Key => key;

    public long? After => after;

    /// <summary>The frame that confirms the subscription; null after it was sent.</summary>
    public byte[]? Confirmation { get; private set; } = confirmation;

    /// <summary>The place in the feed; null before it has joined. Set once.</summary>
    public IFeedMembership? Membership { get; private set; }

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

    /// <summary>Begins after a number.</summary>
    public void Begin(IFeedMembership membership, long position, long skipThrough)
    {
        Membership = membership;
        Start = Position = position;
        SkipThrough = skipThrough;
    }

    /// <summary>Returns the frame that confirms the subscription, and drops it. Called once.</summary>
    public byte[] TakeConfirmation()
    {
        var taken = Confirmation!;
        Confirmation = null;
        return taken;
    }

    /// <summary>Skips an event that is not due and was not sent.</summary>
    public void Skip(long number) => Start = Position = number;
}
