using System.Collections.Concurrent;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// One history of the log as this front end follows it: its epoch, its feeds, and the observers that the grains notify.
/// When the log's epoch changes, the history ends and another one replaces it (<see cref="FeedHub"/>).
/// </summary>
/// <remarks>
/// <para>Events, pages, answers and connections belong to one history and are never used in another one:</para>
/// <list type="bullet">
/// <item>A connection takes the history that is current at its first request and keeps it. If that history has ended,
/// the connection's requests fail and it is closed. So a confirmation with one epoch is never followed by events of
/// another one.</item>
/// <item>A feed begins only if the answer to its registration has its history's epoch. It drops events of any other
/// epoch.</item>
/// <item>Notifications that are in progress when a history ends reach its own observers, which drop them.</item>
/// <item>A feed may be created while its history ends. <see cref="End"/> sets <see cref="HasEnded"/> before it ends the
/// feeds, and a feed reads it under its lock before a subscription joins. So either <see cref="End"/> sees the feed and
/// ends it, or the feed sees that the history has ended.</item>
/// </list>
/// A history begins without an epoch and takes the first one that it gets. Silos of a previous version do not send
/// epochs; then none is compared. Thread-safe.
/// </remarks>
internal sealed class FeedHistory
{
    private readonly ConcurrentDictionary<FeedKey, Feed> _feeds = new();
    private readonly FeedObserver[] _observers;
    private readonly Lazy<IOrderEventObserver[]> _references;
    private readonly Func<FeedHistory, FeedKey, IOrderEventObserver, Feed> _create;
    private readonly Action _otherEpochSeen;
    private volatile string? _epoch;
    private volatile bool _hasEnded;

    /// <param name="epoch">The epoch; null if it is not known yet.</param>
    /// <param name="grains">Creates the references to the observers.</param>
    /// <param name="create">Creates a feed.</param>
    /// <param name="otherEpochSeen">Called when an event or answer of another epoch has arrived.</param>
    public FeedHistory(
        string? epoch, IGrainFactory grains, Func<FeedHistory, FeedKey, IOrderEventObserver, Feed> create,
        Action otherEpochSeen)
    {
        _epoch = epoch;
        _create = create;
        _otherEpochSeen = otherEpochSeen;
        // Orleans holds only weak references to observers; this array keeps them alive.
        var observers = Math.Min(Environment.ProcessorCount, 16);
        _observers = [.. Enumerable.Range(0, observers).Select(_ => new FeedObserver(this))];
        _references = new(() => Array.ConvertAll(_observers, grains.CreateObjectReference<IOrderEventObserver>));
    }

    /// <summary>The epoch; null until it is known.</summary>
    public string? Epoch => _epoch;

    /// <summary>Whether another history has replaced this one.</summary>
    public bool HasEnded => _hasEnded;

    public ICollection<Feed> Feeds => _feeds.Values;

    public Feed? Find(FeedKey key) => _feeds.GetValueOrDefault(key);

    public Feed GetOrCreate(FeedKey key) => _feeds.GetOrAdd(key, static (key, history) =>
    {
        var references = history._references.Value;
        return history._create(history, key, references[(uint)key.GetHashCode() % (uint)references.Length]);
    }, this);

    public void Remove(Feed feed) => _feeds.TryRemove(new(feed.Key, feed));

    /// <summary>
    /// Returns whether numbers of this epoch belong to this history. If not, the hub checks whether the epoch has
    /// changed.
    /// </summary>
    public bool Accepts(string? epoch)
    {
        var own = _epoch;
        if (epoch is null || epoch == own || (own is null && TryTake(epoch)))
        {
            return true;
        }

        _otherEpochSeen();
        return false;
    }

    /// <summary>Fails if the history has ended or numbers of this epoch do not belong to it.</summary>
    /// <exception cref="EventLogUnavailableException">The history has ended, or the epoch is another one.</exception>
    public void Require(string? epoch)
    {
        if (_hasEnded || !Accepts(epoch))
        {
            throw new EventLogUnavailableException(
                "the event log is unavailable: its history was rewritten; connect again and resume");
        }
    }

    /// <summary>Sets the epoch if it is not known yet. Returns false if the history has another epoch.</summary>
    public bool TryTake(string epoch) => (Interlocked.CompareExchange(ref _epoch, epoch, null) ?? epoch) == epoch;

    /// <summary>
    /// Ends the history: from now on, no event is delivered through it and no subscription can join it.
    /// </summary>
    public void End()
    {
        _hasEnded = true;
        foreach (var feed in _feeds.Values)
        {
            feed.End();
        }
    }
}
