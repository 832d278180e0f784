using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Http.Reading;

/// <summary>A page of a feed's events, in order and without gaps.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Start">Where the page begins, and whether that is where the client wanted it.</param>
/// <param name="Events">The events; empty at the end of the feed.</param>
internal sealed record EventPage(FeedKey Feed, ResumedFrom Start, EncodedOrderEvent[] Events)
{
    public FeedBounds Bounds => Start.Bounds;

    /// <summary>The first number that is kept.</summary>
    public long Earliest => Start.Earliest ?? Bounds.Earliest;

    /// <summary>The number after which the next page begins; null at the end of the feed.</summary>
    public long? Next =>
        Events.Length > 0 && Feed.NumberOf(Events[^1]) is var last && last < Bounds.Last ? last : null;
}
