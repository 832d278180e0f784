namespace OrdersActors;

/// <summary>
/// Reads the log for front ends, which have no database of their own. A stateless worker, so that a long replay never
/// delays the live events of an order or organization.
/// </summary>
[Alias("OrdersActors.IReplayGrain")]
public interface IReplayGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Reads a feed's events whose number is greater than <paramref name="after"/>, in order. Returns at most
    /// <paramref name="limit"/> events (1 to 1,000), and fewer if they are large. The result is empty at the end of the
    /// feed, and for an order that does not belong to the organization.
    /// </summary>
    [Alias("Read"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<EncodedOrderEvent[]> Read(FeedKey feed, long after, int limit);

    /// <summary>
    /// The range of a feed's events that can be read; null for an order that does not belong to the organization.
    /// </summary>
    [Alias("GetBounds"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task<FeedBounds?> GetBounds(FeedKey feed);
}

/// <summary>The range of a feed's events that can be read.</summary>
/// <param name="Earliest">
/// The first number of the contiguous range that is kept; <paramref name="Last"/> + 1 if no event is kept.
/// </param>
/// <param name="Last">The number of the newest event; 0 if the feed never had one.</param>
/// <param name="Epoch">The epoch of the log to which both numbers belong; null from a previous version.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FeedBounds")]
public readonly record struct FeedBounds(
    [property: Id(0)] long Earliest, [property: Id(1)] long Last, [property: Id(2)] string? Epoch = null);
