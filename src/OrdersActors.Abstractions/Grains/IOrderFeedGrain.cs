namespace OrdersActors;

/// <summary>
/// The common interface of order and organization grains. They number events and hold observers as leases.
/// </summary>
/// <remarks>
/// A lease lasts <see cref="FeedSubscription.Lease"/> from each call of <see cref="Subscribe"/>. An observer that does
/// not renew its lease is dropped. A denied subscription leaves no state behind. The grain sends the observer every
/// event after the returned <see cref="FeedSubscription.Head"/>, in order, at least once. If it fails to, the numbers
/// have a gap, and the observer fills the gap from the log (<see cref="IReplayGrain"/>). To renew, an observer
/// subscribes again; the returned head shows whether it missed anything.
/// </remarks>
public interface IOrderFeedGrain : IGrainWithStringKey
{
    /// <summary>Registers the observer, or renews its lease. Answers or fails within ten seconds.</summary>
    /// <param name="organizationId">The authenticated organization of the subscriber.</param>
    /// <param name="observer">The front end.</param>
    [Alias("Subscribe"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<FeedSubscription> Subscribe(string organizationId, IOrderEventObserver observer);

    /// <summary>Ends a lease. Does nothing if the lease does not exist.</summary>
    [Alias("Unsubscribe"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task Unsubscribe(IOrderEventObserver observer);
}

/// <summary>One order; the grain's key is <see cref="FeedKey.GrainKey"/>. Its feed is numbered by version.</summary>
[Alias("OrdersActors.IOrderGrain")]
public interface IOrderGrain : IOrderFeedGrain
{
    /// <summary>
    /// The same as <see cref="IOrderFeedGrain.Subscribe"/> for a subscriber that may await the order: an order without
    /// events is not denied. The returned head is then 0, and the observer is notified of the first event. Whoever
    /// calls it must have verified that a client proved this right. A silo of a previous version does not know this
    /// method.
    /// </summary>
    /// <param name="organizationId">The authenticated organization of the subscriber.</param>
    /// <param name="observer">The front end.</param>
    [Alias("SubscribeAhead"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<FeedSubscription> SubscribeAhead(string organizationId, IOrderEventObserver observer);
}

/// <summary>One organization; the grain's key is its id. Its feed is numbered by sequence.</summary>
[Alias("OrdersActors.IOrganizationGrain")]
public interface IOrganizationGrain : IOrderFeedGrain;

/// <summary>The answer to a subscription.</summary>
/// <param name="IsAllowed">
/// False if the order does not exist and may not be awaited, or belongs to another organization; all cases get the same
/// answer.
/// </param>
/// <param name="Head">The number of the last event before the subscription; 0 if the feed has no event yet.</param>
/// <param name="Lease">How long the registration lasts unless it is renewed.</param>
/// <param name="Epoch">
/// The epoch of the log to which <paramref name="Head"/> belongs; null from a previous version.
/// </param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FeedSubscription")]
public readonly record struct FeedSubscription(
    [property: Id(0)] bool IsAllowed,
    [property: Id(1)] long Head,
    [property: Id(2)] TimeSpan Lease,
    [property: Id(3)] string? Epoch = null)
{
    /// <summary>The answer to a denied subscription.</summary>
    public static FeedSubscription Denied => default;
}
