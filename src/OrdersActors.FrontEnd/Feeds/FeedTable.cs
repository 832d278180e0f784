using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// The feeds of one history, and the observers through which the grains notify them. Feeds are created for their first
/// listener, and an ended feed frees its place for the next one with the same key.
/// </summary>
/// <remarks>
/// <para>If this front end has no feed for an order, a new listener first asks the replay grain whether the order
/// exists. So a denied subscription creates neither a feed here nor a grain in the cluster.</para>
/// <para>A listener that may await its order's first event joins without this question. Its feed may be of an order
/// that does not exist. All listeners share the feed, so the others ask until the feed is known to have events (<see
/// cref="Feed.HasEvents"/>).</para>
/// <para>A feed may be created while its history ends. <see cref="EndAsync"/> ends the history before it ends the
/// feeds, and a feed checks the history under its lock before a listener joins. So either <see cref="EndAsync"/> sees
/// the feed and ends it, or the feed sees that the history has ended.</para>
/// Thread-safe.
/// </remarks>
internal sealed class FeedTable
{
    private readonly ConcurrentDictionary<FeedKey, Feed> _feeds = new();
    private readonly FeedObserver[] _observers;
    private readonly Lazy<IOrderEventObserver[]> _references;
    private readonly IGrainFactory _grains;
    private readonly LocalObservers _locals;
    private readonly FeedReader _reader;
    private readonly IFeedListenerDecorator[] _decorators;
    private readonly TimeProvider _time;
    private readonly ILogger<Feed> _logger;

    public FeedTable(
        FeedHistory history, IGrainFactory grains, LocalObservers locals, FeedReader reader,
        IFeedListenerDecorator[] decorators, TimeProvider time, ILogger<Feed> logger)
    {
        History = history;
        _grains = grains;
        _locals = locals;
        _reader = reader;
        _decorators = decorators;
        _time = time;
        _logger = logger;
        // Orleans holds only weak references to observers; this array keeps them alive.
        var observers = Math.Min(Environment.ProcessorCount, 16);
        _observers = [.. Enumerable.Range(0, observers).Select(_ => new FeedObserver(_feeds, logger))];
        _references = new(() => Array.ConvertAll(_observers, CreateReference));
    }

    /// <summary>The history to which the feeds' numbers belong.</summary>
    public FeedHistory History { get; }

    public ICollection<Feed> Feeds => _feeds.Values;

    public Feed? Find(FeedKey key) => _feeds.GetValueOrDefault(key);

    /// <summary>Adds a listener to its feed. Returns false if access is denied.</summary>
    /// <param name="key">The feed. Its organization is the authenticated one.</param>
    /// <param name="listener">The listener. It has joined before this call returns true.</param>
    /// <param name="bounds">The feed's bounds if the caller has read them; else null.</param>
    /// <param name="mayAwait">Whether the listener may await the order's first event.</param>
    /// <exception cref="EventLogUnavailableException">The history has ended, or the log is unavailable.</exception>
    public async Task<bool> JoinAsync(FeedKey key, IFeedListener listener, FeedBounds? bounds, bool mayAwait = false)
    {
        foreach (var decorator in _decorators)
        {
            listener = decorator.Decorate(listener);
        }

        while (true)
        {
            History.Require(bounds?.Epoch);
            if (bounds is null && !mayAwait && !key.IsOrganization && Find(key) is not { HasEvents: true })
            {
                bounds = await _reader.GetBoundsAsync(key);
                if (bounds is null)
                {
                    return false;
                }

                continue;
            }

            var feed = GetOrCreate(key);
            if (!mayAwait)
            {
                feed.SetHasEvents();
            }

            switch (await feed.JoinAsync(listener, mayAwait))
            {
                case JoinResult.Joined:
                    return true;
                case JoinResult.Denied:
                    await RetireAsync(feed);
                    return false;
                case JoinResult.Retired when !History.HasEnded:
                    // The ended feed must unregister from the grain before the next one registers.
                    await feed.PlaceFreed;
                    break;
            }
        }
    }

    /// <summary>
    /// Renews a feed's registration. If the grain denies it, the feed ends, and the next listener creates a new one,
    /// which gets the grain's answer.
    /// </summary>
    public async Task RenewAsync(Feed feed)
    {
        if (!await feed.RenewAsync())
        {
            await RetireAsync(feed);
        }
    }

    /// <summary>Ends a feed unless it has listeners, and frees its place.</summary>
    public async Task RetireAsync(Feed feed)
    {
        if (await feed.RetireAsync())
        {
            _feeds.TryRemove(new(feed.Key, feed));
            feed.FreePlace();
        }
    }

    /// <summary>
    /// Ends the history and its feeds: from now on, no event is delivered through it and no listener can join it. They
    /// have ended when this call returns; the result is completed when the feeds' reading has ended too.
    /// </summary>
    public Task EndAsync()
    {
        History.End();
        if (_references.IsValueCreated)
        {
            Array.ForEach(_references.Value, _locals.Remove);
        }

        return Task.WhenAll([.. _feeds.Values.Select(feed => feed.EndAsync())]);
    }

    private IOrderEventObserver CreateReference(FeedObserver observer)
    {
        var reference = _grains.CreateObjectReference<IOrderEventObserver>(observer);
        _locals.Add(reference, observer);
        if (History.HasEnded)
        {
            // EndAsync may have removed the references before this one was added.
            _locals.Remove(reference);
        }

        return reference;
    }

    private Feed GetOrCreate(FeedKey key) => _feeds.GetOrAdd(key, static (key, table) =>
    {
        var references = table._references.Value;
        var observer = references[(uint)key.GetHashCode() % (uint)references.Length];
        return new Feed(key, table.History, observer, table._grains, table._reader, table._time, table._logger);
    }, this);
}
