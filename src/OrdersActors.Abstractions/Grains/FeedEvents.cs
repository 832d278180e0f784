namespace OrdersActors;

/// <summary>Events of one feed for a front end, in order.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Events">At least one event.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FeedEvents")]
public readonly record struct FeedEvents(
    [property: Id(0)] FeedKey Feed, [property: Id(1)] EncodedOrderEvent[] Events);
