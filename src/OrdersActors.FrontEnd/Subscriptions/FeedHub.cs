using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>All feeds of this front end, in the history that the log has now.</summary>
/// <remarks>
/// <para>Subscribing to an order that this front end does not watch yet asks the replay grain first whether the order
/// exists. So a denied subscription creates neither a feed here nor a grain anywhere.</para>
/// <para>The log's epoch comes with every answer and event, but a silo may be behind the others for about a second, and
/// epochs have no order. So what comes with them is only a reason to ask; <see cref="EpochWatch"/> asks, and calls
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

    /// <summary>Called after a history has ended and another one has taken its place. It must close all
    /// connections.</summary>
    public Action? HistoryRewritten { get; set; }

    /// <summary>Completed when something of another epoch than the history's has come since <see cref="Follow"/> was
    /// called last.</summary>
    public Task OtherEpochSeen => Volatile.Read(ref _otherEpochSeen).Task;

    public Feed? Find(FeedKey key) => _history.Find(key);

    /// <summary>Lets a subscription join its feed. False if that is denied.</summary>
    /// <param name="history">The history of the subscriber's connection.</param>
    /// <param name="key">The feed; its organization is the one that authentication established.</param>
    /// <param name="subscription">The subscription.</param>
    /// <param name="bounds">What the log has of the feed, if the caller has asked already; else null.</param>
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
                    // It must have unregistered from the grain before the next feed registers.
                    await feed.Gone.Task;
                    break;
            }
        }
    }

    /// <summary>The log has this epoch. If it is not the history's, the history ends and another one begins.</summary>
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

            // First, so that whoever finds the old one ended finds this one here.
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
        "discarded and all clients are closed with 1012; they resume")]
    private partial void LogRewritten(string old, string @new, int count);
}
