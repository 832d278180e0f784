using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>Reads what lies behind a feed's live events, page by page: for feeds that heal, and for connections that catch up.</summary>
/// <remarks>
/// <para>After a front end restarts, thousands of clients resume at once, most of them the same feeds. So what one connection
/// reads is shared: who asks for the same page at the same time waits for the one read, and whole pages, which never change,
/// are kept for a while within <see cref="FrontEndOptions.ReplayCacheBytes"/>, as frames ready to be sent.</para>
/// <para>Pages begin at multiples of <see cref="PageSize"/>, so that replays from different numbers meet on the same pages.</para>
/// </remarks>
internal sealed class FeedReader(IGrainFactory grains, IOptions<FrontEndOptions> options) : IDisposable
{
    private const int PageSize = 200;

    // What an event's frame costs beside its bytes: the object, its strings, two array headers.
    private const int FrameOverhead = 200;

    private static readonly TimeSpan KeepUnused = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(FeedKey, long), Lazy<Task<EventFrame[]>>> _underWay = new();
    private readonly MemoryCache _pages = new(new MemoryCacheOptions
    {
        SizeLimit = options.Value.ReplayCacheBytes,
        CompactionPercentage = 0.25,
    });

    /// <summary>Which events of a feed can be read; null where it is denied.</summary>
    public Task<FeedBounds?> GetBoundsAsync(FeedKey feed) => grains.GetGrain<IReplayGrain>(0).GetBounds(feed);

    /// <summary>The next events after a number, at most a page; empty at the end. For one feed at a time.</summary>
    public Task<EventFrame[]> ReadAsync(FeedKey feed, long after) => ReadAsync(feed, after, PageSize);

    /// <summary>The same as <see cref="ReadAsync(FeedKey, long)"/> for one of many connections, which share what is read.</summary>
    public Task<EventFrame[]> ReadSharedAsync(FeedKey feed, long after)
    {
        if (_pages.TryGetValue((feed, after / PageSize), out EventFrame[]? page))
        {
            return Task.FromResult(page![(int)(after % PageSize)..]);
        }

        // Only the one that is in the dictionary is ever begun. Each who waits for it sees its failure.
        return _underWay.GetOrAdd((feed, after), _ => new(() => ReadAndKeepAsync(feed, after))).Value;
    }

    public void Dispose() => _pages.Dispose();

    private async Task<EventFrame[]> ReadAndKeepAsync(FeedKey feed, long after)
    {
        try
        {
            var skipped = (int)(after % PageSize);
            var page = await ReadAsync(feed, after, PageSize - skipped);
            if (skipped == 0 && page.Length == PageSize && page[^1].Number == after + PageSize)
            {
                Keep(feed, after / PageSize, page);
            }

            return page;
        }
        finally
        {
            _underWay.TryRemove((feed, after), out _);
        }
    }

    private async Task<EventFrame[]> ReadAsync(FeedKey feed, long after, int limit)
    {
        var events = await grains.GetGrain<IReplayGrain>(0).Read(feed, after, limit);
        return Array.ConvertAll(events, e => new EventFrame(feed, e));
    }

    private void Keep(FeedKey feed, long page, EventFrame[] frames) => _pages.Set((feed, page), frames, new MemoryCacheEntryOptions
    {
        Size = frames.Sum(frame => (long)frame.Bytes.Length + FrameOverhead),
        SlidingExpiration = KeepUnused,
    });
}
