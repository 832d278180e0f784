namespace OrdersActors;

/// <summary>
/// Reads the log for front ends, which have no database of their own. A stateless worker, so that a long replay never
/// stands in the way of an order's or organization's live events.
/// </summary>
[Alias("OrdersActors.IReplayGrain")]
public interface IReplayGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Reads a feed's events whose number is greater than <paramref name="after"/>, in order, at most
    /// <paramref name="limit"/> (1 to 1,000), fewer where they are large. Empty at the end, and for an order that is not
    /// the organization's.
    /// </summary>
    [Alias("Read"), ResponseTimeout("00:00:10")]
    Task<EncodedOrderEvent[]> Read(FeedKey feed, long after, int limit);

    /// <summary>Which of a feed's events can be read; null for an order that is not the organization's.</summary>
    [Alias("GetBounds"), ResponseTimeout("00:00:10")]
    Task<FeedBounds?> GetBounds(FeedKey feed);
}

/// <summary>Which events of a feed can be read.</summary>
/// <param name="Earliest">The number from which on all are kept; one past <paramref name="Last"/> where none is.</param>
/// <param name="Last">The number of the newest; 0 where there never was one.</param>
/// <param name="Epoch">The epoch of the log to which both numbers belong; null from a previous version.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FeedBounds")]
public readonly record struct FeedBounds(
    [property: Id(0)] long Earliest, [property: Id(1)] long Last, [property: Id(2)] string? Epoch = null);
