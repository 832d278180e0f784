using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>All feeds of this front end, in the log's current history.</summary>
/// <remarks>
/// <para>If this front end has no feed for an order, a subscription first asks the replay grain whether the order
/// exists. So a denied subscription creates neither a feed here nor a grain in the cluster.</para>
/// <para>Every answer and event contains the log's epoch. But a silo may be behind the others for about a second, and
/// epochs have no order. So another epoch is only a reason to poll: <see cref="EpochWatch"/> polls and calls
/// <see cref="Follow"/>.</para>
/// </remarks>
internal sealed partial class FeedHub
{
    private readonly Lock _lock = new();
    private readonly IGrainFactory _grains;
    private readonly FeedReader _reader;
    private readonly FrameDelivery _deliver;
    private readonly TimeProvider _time;
    private readonly ILogger<Feed> _logger;
    private volatile FeedHistory _history;
    private TaskCompletionSource _otherEpochSeen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FeedHub(
        IGrainFactory grains, FeedReader reader, FrameDelivery deliver, TimeProvider time, ILogger<Feed> logger)
    {
        _grains = grains;
        _reader = reader;
        _deliver = deliver;
        _time = time;
        _logger = logger;
        _history = Begin(null);
    }

    /// <summary>The history that new connections belong to.</summary>
    public FeedHistory History => _history;

    public ICollection<Feed> Feeds => _history.Feeds;

    /// <summary>Called after another history has replaced one that has ended. It must close all connections.</summary>
    public Action? HistoryRewritten { get; set; }

    /// <summary>
    /// Completed when an event or answer of another epoch than the history's has arrived since the last call of
    /// <see cref="Follow"/>.
    /// </summary>
    public Task OtherEpochSeen => Volatile.Read(ref _otherEpochSeen).Task;

    public Feed? Find(FeedKey key) => _history.Find(key);

    /// <summary>Adds a subscription to its feed. Returns false if access is denied.</summary>
    /// <param name="history">The history of the subscriber's connection.</param>
    /// <param name="key">The feed. Its organization is the authenticated one.</param>
    /// <param name="subscription">The subscription.</param>
    /// <param name="bounds">The feed's bounds if the caller has read them; else null.</param>
    /// <exception cref="EventLogUnavailableException">The history has ended, or the log is unavailable.</exception>
    public async Task<bool> JoinAsync(FeedHistory history, FeedKey key, Subscription subscription, FeedBounds? bounds)
    {
        while (true)
        {
            history.Require(bounds?.Epoch);
            if (bounds is null && !key.IsOrganization && history.Find(key) is null)
            {
                bounds = await _reader.GetBoundsAsync(key);
                if (bounds is null)
                {
                    return false;
                }

                continue;
            }

            var feed = history.GetOrCreate(key);
            switch (await feed.JoinAsync(subscription))
            {
                case FeedJoin.Joined:
                    return true;
                case FeedJoin.Denied:
                    await feed.RetireAsync();
                    return false;
                case FeedJoin.Retired when !history.HasEnded:
                    // The retired feed must unregister from the grain before the next one registers.
                    await feed.Gone.Task;
                    break;
            }
        }
    }

    /// <summary>
    /// Follows the log to this epoch. If the history has another epoch, the history ends and a new one begins.
    /// </summary>
    public void Follow(string epoch)
    {
        FeedHistory ended;
        lock (_lock)
        {
            Volatile.Write(
                ref _otherEpochSeen, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            ended = _history;
            if (ended.TryTake(epoch))
            {
                return;
            }

            // Set before the old history ends, so that a caller that finds the old one ended gets the new one.
            _history = Begin(epoch);
        }

        var feeds = ended.Feeds.Count;
        ended.End();
        _reader.Forget();
        LogRewritten(ended.Epoch!, epoch, feeds);
        HistoryRewritten?.Invoke();
    }

    private FeedHistory Begin(string? epoch) => new(
        epoch,
        _grains,
        (history, key, observer) => new Feed(key, history, observer, _grains, _reader, _deliver, _time, _logger),
        () => Volatile.Read(ref _otherEpochSeen).TrySetResult());

    [LoggerMessage(1313, LogLevel.Warning,
        "The epoch of the event log changed from {Old} to {New}: its history was rewritten. {Count} feeds are " +
        "discarded, and all clients are closed with 1012 and resume")]
    private partial void LogRewritten(string old, string @new, int count);
}
