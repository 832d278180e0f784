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
/// <para>A page belongs to the history that it was read for. Events of another epoch are never part of it.</para>
/// </remarks>
internal sealed class FeedReader(IGrainFactory grains, IOptions<FrontEndOptions> options) : IDisposable
{
    private const int PageSize = 200;

    // What an event's frame costs beside its bytes: the object, its strings, two array headers.
    private const int FrameOverhead = 200;

    private static readonly TimeSpan KeepUnused = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(FeedHistory, FeedKey, long), Lazy<Task<EventFrame[]>>> _underWay = new();
    private readonly MemoryCache _pages = new(new MemoryCacheOptions
    {
        SizeLimit = options.Value.ReplayCacheBytes,
        CompactionPercentage = 0.25,
    });

    /// <summary>Which events of a feed can be read; null where it is denied.</summary>
    public Task<FeedBounds?> GetBoundsAsync(FeedKey feed) => grains.GetGrain<IReplayGrain>(0).GetBounds(feed);

    /// <summary>The next events after a number, at most a page; empty at the end. For one feed at a time.</summary>
    /// <exception cref="EventLogUnavailableException">The log is unavailable, or in another epoch than the
    /// history.</exception>
    public Task<EventFrame[]> ReadAsync(FeedHistory history, FeedKey feed, long after) =>
        ReadAsync(history, feed, after, PageSize);

    /// <summary>
    /// The same as <see cref="ReadAsync(FeedHistory, FeedKey, long)"/> for one of many connections, which share what is
    /// read. If it is empty, the log had nothing past the number at some moment after this was called.
    /// </summary>
    /// <remarks>
    /// A caller may join a read that began earlier. The read may then miss what was committed since, and an empty page
    /// would look as if the log had let go of it. So a caller that joined a read and got an empty page reads once more.
    /// That read began after the call: the caller found the first one in the dictionary, the first one was removed
    /// before it completed, and only then can another one be added for the same number, by this caller or by another
    /// one.
    /// </remarks>
    public async Task<EventFrame[]> ReadSharedAsync(FeedHistory history, FeedKey feed, long after)
    {
        if (_pages.TryGetValue((history, feed, after / PageSize), out EventFrame[]? page))
        {
            return page![(int)(after % PageSize)..];
        }

        page = await Share(history, feed, after, out var hasJoined);
        return page.Length > 0 || !hasJoined ? page : await Share(history, feed, after, out _);
    }

    /// <summary>Drops all pages. Reads that are under way may still keep theirs, for an ended history, for a
    /// while.</summary>
    public void Forget() => _pages.Clear();

    public void Dispose() => _pages.Dispose();

    private Task<EventFrame[]> Share(FeedHistory history, FeedKey feed, long after, out bool hasJoined)
    {
        var own = new Lazy<Task<EventFrame[]>>(() => ReadAndKeepAsync(history, feed, after));
        // Only the one that is in the dictionary is ever begun. Each caller that waits for it sees its failure.
        var shared = _underWay.GetOrAdd((history, feed, after), own);
        hasJoined = shared != own;
        return shared.Value;
    }

    private async Task<EventFrame[]> ReadAndKeepAsync(FeedHistory history, FeedKey feed, long after)
    {
        try
        {
            var skipped = (int)(after % PageSize);
            var page = await ReadAsync(history, feed, after, PageSize - skipped);
            if (skipped == 0 && page.Length == PageSize && page[^1].Number == after + PageSize)
            {
                Keep(history, feed, after / PageSize, page);
            }

            return page;
        }
        finally
        {
            _underWay.TryRemove((history, feed, after), out _);
        }
    }

    private async Task<EventFrame[]> ReadAsync(FeedHistory history, FeedKey feed, long after, int limit)
    {
        var events = await grains.GetGrain<IReplayGrain>(0).Read(feed, after, limit);
        foreach (var e in events)
        {
            history.Require(e.Epoch);
        }

        return Array.ConvertAll(events, e => new EventFrame(feed, e));
    }

    private void Keep(FeedHistory history, FeedKey feed, long page, EventFrame[] frames) =>
        _pages.Set((history, feed, page), frames, new MemoryCacheEntryOptions
        {
            Size = frames.Sum(frame => (long)frame.Bytes.Length + FrameOverhead),
            SlidingExpiration = KeepUnused,
        });
}
