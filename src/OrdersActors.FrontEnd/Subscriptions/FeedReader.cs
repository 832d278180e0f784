namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>Reads what lies behind a feed's live events, page by page, for healing and for catching up.</summary>
internal sealed class FeedReader(IGrainFactory grains)
{
    private const int PageSize = 200;

    /// <summary>The next page after a number; empty at the end.</summary>
    public async Task<EventFrame[]> ReadAsync(FeedKey feed, long after)
    {
        var events = await grains.GetGrain<IReplayGrain>(0).Read(feed, after, PageSize);
        return Array.ConvertAll(events, e => new EventFrame(feed, e));
    }
}
