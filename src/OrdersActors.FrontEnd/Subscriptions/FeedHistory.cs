using System.Collections.Concurrent;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// One history of the log as this front end follows it: its epoch, its feeds, and the observers under which the grains
/// know it. When the log's epoch changes, the whole history ends and another one takes its place
/// (<see cref="FeedHub"/>).
/// </summary>
/// <remarks>
/// <para>Events, pages, answers and connections belong to one history, and none crosses over:</para>
/// <list type="bullet">
/// <item>A connection takes the history that is current at its first request and keeps it. If that has ended, its
/// requests fail and it is closed. So a confirmation with one epoch is never followed by events of another one.</item>
/// <item>A feed begins only with a registration whose answer is of its history's epoch, and drops events of any other
/// one.</item>
/// <item>Notifications that are under way when a history ends reach its own observers, and end there.</item>
/// <item>A feed may be created while its history ends. <see cref="HasEnded"/> is set before the feeds are ended, and a
/// feed reads it under its lock before a subscription joins. Either the feed is seen there and ended, or it sees that
/// the history has ended.</item>
/// </list>
/// A history begins without an epoch and takes the first one that it is told. Silos of a previous version do not send
/// epochs; then nothing is compared. Thread-safe.
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
    /// <param name="grains">Makes the references to the observers.</param>
    /// <param name="create">Makes a feed.</param>
    /// <param name="otherEpochSeen">Called when something of another epoch has come.</param>
    public FeedHistory(
        string? epoch, IGrainFactory grains, Func<FeedHistory, FeedKey, IOrderEventObserver, Feed> create,
        Action otherEpochSeen)
    {
        _epoch = epoch;
        _create = create;
        _otherEpochSeen = otherEpochSeen;
        // Orleans holds observers weakly; this array keeps them alive.
        var observers = Math.Min(Environment.ProcessorCount, 16);
        _observers = [.. Enumerable.Range(0, observers).Select(_ => new FeedObserver(this))];
        _references = new(() => Array.ConvertAll(_observers, grains.CreateObjectReference<IOrderEventObserver>));
    }

    /// <summary>The epoch; null until it is known.</summary>
    public string? Epoch => _epoch;

    /// <summary>Whether another history has taken the place of this one.</summary>
    public bool HasEnded => _hasEnded;

    public ICollection<Feed> Feeds => _feeds.Values;

    public Feed? Find(FeedKey key) => _feeds.GetValueOrDefault(key);

    public Feed GetOrCreate(FeedKey key) => _feeds.GetOrAdd(key, static (key, history) =>
    {
        var references = history._references.Value;
        return history._create(history, key, references[(uint)key.GetHashCode() % (uint)references.Length]);
    }, this);

    public void Remove(Feed feed) => _feeds.TryRemove(new(feed.Key, feed));

    /// <summary>Whether numbers of this epoch belong to this history. If not, the hub looks for a change of the
    /// epoch.</summary>
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

    /// <summary>Fails unless the history lives and numbers of this epoch belong to it.</summary>
    /// <exception cref="EventLogUnavailableException">They do not.</exception>
    public void Require(string? epoch)
    {
        if (_hasEnded || !Accepts(epoch))
        {
            throw new EventLogUnavailableException(
                "the event log is unavailable: its history was rewritten; connect again and resume");
        }
    }

    /// <summary>Takes an epoch if there is none yet. False if there is another one.</summary>
    public bool TryTake(string epoch) => (Interlocked.CompareExchange(ref _epoch, epoch, null) ?? epoch) == epoch;

    /// <summary>Ends the history: after this, no event is delivered through it and nobody can join it.</summary>
    public void End()
    {
        _hasEnded = true;
        foreach (var feed in _feeds.Values)
        {
            feed.End();
        }
    }
}
