using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// All feeds of this front end, and the observers under which the grains know it.
/// </summary>
/// <remarks>
/// A few observers and not one: Orleans delivers to one observer one message at a time, and feeds do not need to wait
/// for each other. A feed always uses the same one, so its events stay in order.
/// </remarks>
internal sealed class FeedHub
{
    private readonly ConcurrentDictionary<FeedKey, Feed> _feeds = new();
    private readonly FeedObserver[] _observers;
    private readonly Lazy<IOrderEventObserver[]> _references;
    private readonly IGrainFactory _grains;
    private readonly FeedReader _reader;
    private readonly FrameDelivery _deliver;
    private readonly TimeProvider _time;
    private readonly ILogger<Feed> _logger;

    public FeedHub(
        IGrainFactory grains, FeedReader reader, FrameDelivery deliver, TimeProvider time, ILogger<Feed> logger)
    {
        _grains = grains;
        _reader = reader;
        _deliver = deliver;
        _time = time;
        _logger = logger;
        // Orleans holds observers weakly; this array keeps them alive.
        _observers = [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, 16)).Select(_ => new FeedObserver(this))];
        _references = new(() => Array.ConvertAll(_observers, grains.CreateObjectReference<IOrderEventObserver>));
    }

    public ICollection<Feed> Feeds => _feeds.Values;

    public Feed? Find(FeedKey key) => _feeds.GetValueOrDefault(key);

    /// <summary>Lets a subscription join its feed. False where that is not allowed.</summary>
    /// <param name="key">The feed; its organization is the one that authentication established.</param>
    /// <param name="subscription">Who joins.</param>
    public async Task<bool> JoinAsync(FeedKey key, Subscription subscription)
    {
        while (true)
        {
            var feed = _feeds.GetOrAdd(key, Create);
            switch (await feed.JoinAsync(subscription))
            {
                case FeedJoin.Joined:
                    return true;
                case FeedJoin.Denied:
                    return false;
                default:
                    // Its goodbye to the grain must arrive before the next feed's registration.
                    await feed.Gone.Task;
                    break;
            }
        }
    }

    /// <summary>Retires a feed unless somebody has come back to it.</summary>
    public async Task RetireAsync(Feed feed)
    {
        if (await feed.RetireAsync())
        {
            _feeds.TryRemove(new(feed.Key, feed));
            feed.Gone.TrySetResult();
        }
    }

    private Feed Create(FeedKey key)
    {
        var references = _references.Value;
        var observer = references[(uint)key.GetHashCode() % (uint)references.Length];
        return new Feed(key, observer, _grains, _reader, _deliver, _time, _logger);
    }
}
