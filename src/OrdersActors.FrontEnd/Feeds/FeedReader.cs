using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Reads past events of a feed from the log, page by page: for feeds with gaps and for connections that catch up.
/// </summary>
/// <remarks>
/// <para>After a front end restarts, thousands of clients resume at once, and most of them resume the same feeds. So
/// connections share their reads. Callers that need the same page at the same time wait for one read. Events never
/// change, so they are cached as frames within <see cref="FrontEndOptions.ReplayCacheBytes"/>. The last page of a feed
/// is cached too, and grows when somebody reads what follows it.</para>
/// <para>Pages begin at multiples of <see cref="PageSize"/>, so that replays from different numbers use the same
/// pages.</para>
/// <para>A page belongs to the history for which it was read. It never contains events of another epoch.</para>
/// </remarks>
internal sealed class FeedReader(IGrainFactory grains, IOptions<FrontEndOptions> options) : IDisposable
{
    private const int PageSize = 200;

    // The memory of an event's frame in addition to its bytes: the object, its strings, array headers, and the fields
    // of a server-sent event.
    private const int FrameOverhead = 300;

    private static readonly TimeSpan UnusedLifetime = TimeSpan.FromSeconds(30);

    // An event may be kept in several encodings: for WebSockets, for streams, and compressed.
    private readonly long _encodings = options.Value.Compression ? 3 : 2;

    private readonly ConcurrentDictionary<(FeedHistory, FeedKey, long), Lazy<Task<EventFrame[]>>> _pending = new();
    private readonly MemoryCache _pages = new(new MemoryCacheOptions
    {
        SizeLimit = options.Value.ReplayCacheBytes,
        CompactionPercentage = 0.25,
    });

    // Found once. Several threads may find it at the same time, which does no harm.
    private IReplayGrain? _grain;

    private IReplayGrain Grain => _grain ??= grains.Find<IReplayGrain>(0);

    /// <summary>Returns which events of a feed can be read; null if access is denied.</summary>
    public Task<FeedBounds?> GetBoundsAsync(FeedKey feed) => Grain.GetBounds(feed);

    /// <summary>
    /// Returns the next events after a number, at most one page; empty at the end. The read is not shared.
    /// </summary>
    /// <exception cref="EventLogUnavailableException">
    /// The log is unavailable, or has another epoch than the history.
    /// </exception>
    public Task<EventFrame[]> ReadAsync(FeedHistory history, FeedKey feed, long after) =>
        ReadAsync(history, feed, after, PageSize);

    /// <summary>
    /// The same as <see cref="ReadAsync(FeedHistory, FeedKey, long)"/>, but the read is shared with other connections.
    /// An empty page means that the log had no event after the number at some moment after this call began.
    /// </summary>
    /// <remarks>
    /// A caller may join a read that began before its call. That read may miss events that were committed in the
    /// meantime, and the empty page would look as if the log no longer kept them. So a caller that joined a read and
    /// got an empty page reads once more. The second read began after the call. The caller found the first read in the
    /// dictionary, and the first read was removed from it before it completed. Only after that can this caller or
    /// another one have added a read for the same number.
    /// </remarks>
    public async Task<EventFrame[]> ReadSharedAsync(FeedHistory history, FeedKey feed, long after)
    {
        if (Find(history, feed, after) is { } cached && cached.End > after)
        {
            return cached.Frames[(int)(after - cached.After)..];
        }

        var page = await ReadCoalescedAsync(history, feed, after, out var hasJoined);
        return page.Length > 0 || !hasJoined ? page : await ReadCoalescedAsync(history, feed, after, out _);
    }

    /// <summary>
    /// Drops all pages. A read in progress may still cache its page of the ended history for a while.
    /// </summary>
    public void ClearCache() => _pages.Clear();

    public void Dispose() => _pages.Dispose();

    private Task<EventFrame[]> ReadCoalescedAsync(FeedHistory history, FeedKey feed, long after, out bool hasJoined)
    {
        var own = new Lazy<Task<EventFrame[]>>(() => ReadAndCacheAsync(history, feed, after));
        // Only the read in the dictionary is started. If it fails, every caller that waits for it gets the exception.
        var shared = _pending.GetOrAdd((history, feed, after), own);
        hasJoined = shared != own;
        return shared.Value;
    }

    private async Task<EventFrame[]> ReadAndCacheAsync(FeedHistory history, FeedKey feed, long after)
    {
        try
        {
            var page = await ReadAsync(history, feed, after, PageSize - (int)(after % PageSize));
            if (page.Length > 0 && page[^1].Number == after + page.Length)
            {
                Cache(history, feed, new CachedPage(after, page));
            }

            return page;
        }
        finally
        {
            _pending.TryRemove((history, feed, after), out _);
        }
    }

    private async Task<EventFrame[]> ReadAsync(FeedHistory history, FeedKey feed, long after, int limit)
    {
        var events = await Grain.Read(feed, after, limit);
        foreach (var e in events)
        {
            history.Require(e.Epoch);
        }

        return Array.ConvertAll(events, e => new EventFrame(feed, e));
    }

    /// <summary>The cached events of the page of a number, if they begin at this number or before it.</summary>
    private CachedPage? Find(FeedHistory history, FeedKey feed, long after) =>
        _pages.TryGetValue((history, feed, after / PageSize), out CachedPage? page) && page!.After <= after
            ? page
            : null;

    private void Cache(FeedHistory history, FeedKey feed, CachedPage read)
    {
        var known = Find(history, feed, read.After);
        if (known?.End >= read.End)
        {
            return;
        }

        // If the new events follow the cached ones directly, the page holds both. Otherwise it holds the new ones,
        // which reach further.
        var page = known?.End == read.After ? new CachedPage(known.After, [.. known.Frames, .. read.Frames]) : read;
        _pages.Set((history, feed, read.After / PageSize), page, new MemoryCacheEntryOptions
        {
            Size = page.Frames.Sum(frame => (_encodings * frame.Bytes.Length) + FrameOverhead),
            SlidingExpiration = UnusedLifetime,
        });
    }

    /// <summary>Events of one page, from the number after <paramref name="After"/> on, without a gap.</summary>
    private sealed record CachedPage(long After, EventFrame[] Frames)
    {
        /// <summary>The number of the last event.</summary>
        public long End => After + Frames.Length;
    }
}
