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
    [Alias("Read")]
    Task<EncodedOrderEvent[]> Read(FeedKey feed, long after, int limit);
}
