using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>The feeds of this front end in the log's current history.</summary>
/// <remarks>
/// Every answer and event contains the log's epoch. But a silo may be behind the others for about a second, and epochs
/// have no order. So another epoch is only a reason to poll: <see cref="EpochWatch"/> polls and calls
/// <see cref="FollowAsync"/>.
/// </remarks>
internal sealed partial class FeedHub
{
    private readonly Lock _lock = new();
    private readonly OtherEpochSignal _otherEpoch = new();
    private readonly IGrainFactory _grains;
    private readonly LocalObservers _locals;
    private readonly FeedReader _reader;
    private readonly IFeedListenerDecorator[] _decorators;
    private readonly IHistoryListener[] _listeners;
    private readonly TimeProvider _time;
    private readonly ILogger<Feed> _logger;
    private volatile FeedTable _current;

    public FeedHub(
        IGrainFactory grains, LocalObservers locals, FeedReader reader, IEnumerable<IFeedListenerDecorator> decorators,
        IEnumerable<IHistoryListener> listeners, TimeProvider time, ILogger<Feed> logger)
    {
        _grains = grains;
        _locals = locals;
        _reader = reader;
        _decorators = [.. decorators];
        _listeners = [.. listeners];
        _time = time;
        _logger = logger;
        _current = Begin(null);
    }

    /// <summary>The feeds of the history that new connections belong to.</summary>
    public FeedTable Current => _current;

    /// <summary>
    /// Completed when an event or answer of another epoch than the history's has arrived since the last call of
    /// <see cref="FollowAsync"/>.
    /// </summary>
    public Task OtherEpochSeen => _otherEpoch.Seen;

    /// <summary>
    /// Follows the log to this epoch. If the history has another epoch, the history ends and a new one begins. All of
    /// that is done when this call returns; the result is completed when the ended feeds' reading has ended too.
    /// </summary>
    public Task FollowAsync(string epoch)
    {
        FeedTable ended;
        lock (_lock)
        {
            _otherEpoch.Reset();
            ended = _current;
            if (ended.History.TryTake(epoch))
            {
                return Task.CompletedTask;
            }

            // Set before the old history ends, so that a caller that finds the old one ended gets the new one.
            _current = Begin(epoch);
        }

        var feeds = ended.Feeds.Count;
        var ending = ended.EndAsync();
        _reader.ClearCache();
        LogRewritten(ended.History.Epoch!, epoch, feeds);
        foreach (var listener in _listeners)
        {
            listener.OnHistoryRewritten();
        }

        return ending;
    }

    /// <summary>Ends all feeds because the front end stops. Their leases expire.</summary>
    public Task StopAsync() => _current.EndAsync();

    private FeedTable Begin(string? epoch) =>
        new(new FeedHistory(epoch, _otherEpoch), _grains, _locals, _reader, _decorators, _time, _logger);

    [LoggerMessage(1313, LogLevel.Warning,
        "The epoch of the event log changed from {Old} to {New}: its history was rewritten. {Count} feeds are " +
        "discarded, and all clients are closed with 1012 and resume")]
    private partial void LogRewritten(string old, string @new, int count);
}
