namespace OrdersActors;

/// <summary>
/// What orders and organizations have in common: they number events and hold observers as leases.
/// </summary>
/// <remarks>
/// A lease lasts <see cref="FeedSubscription.Lease"/> from each call of <see cref="Subscribe"/>; an observer that does
/// not renew it is dropped. A subscription that is denied leaves nothing behind. Every event whose number is past the
/// returned <see cref="FeedSubscription.Head"/> is sent to the observer at least once, in order, or leaves a hole in
/// the numbers that the observer heals from the log (<see cref="IReplayGrain"/>). Renewing is subscribing again: the
/// head it returns shows whether anything was missed.
/// </remarks>
public interface IOrderFeedGrain : IGrainWithStringKey
{
    /// <summary>Registers the observer, or renews its lease. Answers within ten seconds or fails.</summary>
    /// <param name="organizationId">The organization that authentication established for the subscriber.</param>
    /// <param name="observer">The front end.</param>
    [Alias("Subscribe"), ResponseTimeout("00:00:10")]
    Task<FeedSubscription> Subscribe(string organizationId, IOrderEventObserver observer);

    /// <summary>Ends a lease. Ending one that does not exist is fine.</summary>
    [Alias("Unsubscribe"), ResponseTimeout("00:00:10")]
    Task Unsubscribe(IOrderEventObserver observer);
}

/// <summary>One order; the grain's key is <see cref="FeedKey.GrainKey"/>. Its feed is numbered by version.</summary>
[Alias("OrdersActors.IOrderGrain")]
public interface IOrderGrain : IOrderFeedGrain;

/// <summary>One organization; the grain's key is its id. Its feed is numbered by sequence.</summary>
[Alias("OrdersActors.IOrganizationGrain")]
public interface IOrganizationGrain : IOrderFeedGrain;

/// <summary>The answer to a subscription.</summary>
/// <param name="IsAllowed">False where the order does not exist or is another organization's: one answer for both.</param>
/// <param name="Head">The number of the last event before the subscription; 0 where there was none.</param>
/// <param name="Lease">How long the registration lasts unless it is renewed.</param>
/// <param name="Epoch">The epoch of the log to which <paramref name="Head"/> belongs; null from a previous version.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FeedSubscription")]
public readonly record struct FeedSubscription(
    [property: Id(0)] bool IsAllowed,
    [property: Id(1)] long Head,
    [property: Id(2)] TimeSpan Lease,
    [property: Id(3)] string? Epoch = null)
{
    /// <summary>The answer to those who may not subscribe.</summary>
    public static FeedSubscription Denied => default;
}
