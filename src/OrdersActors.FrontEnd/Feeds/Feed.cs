using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// The events of one order or organization in this front end. The feed is registered once with the grain and shared by
/// all connections that subscribe to it.
/// </summary>
/// <remarks>
/// <code>
///   grain ──► observer ──► 1 fan-out: drop duplicates, find gaps ──► 2 every listener, in order
///                               ▲
///                               └ 3 gap reader: log (through the replay grain)
///   grain ◄──────────────► 4 registration: a lease
/// </code>
/// <list type="number">
/// <item><see cref="FeedFanOut"/> passes on each event once and in order.</item>
/// <item>The listeners are subscriptions of connections; the feed does not know them.</item>
/// <item><see cref="GapReader"/> reads missing events while there are any.</item>
/// <item><see cref="FeedRegistration"/> registers the feed for its first listener and renews the registration.</item>
/// </list>
/// Events of another epoch than the history's are dropped, and the history ends soon (<see cref="FeedHistory"/>). A
/// feed ends for one of three reasons: it has had no listeners for a while (<see cref="RetireAsync"/>), the grain
/// denies a renewal (<see cref="RenewAsync"/>), or its history or the front end ends (<see cref="EndAsync"/>).
/// </remarks>
internal sealed class Feed
{
    private readonly FeedFanOut _fanOut;
    private readonly FeedReader _reader;
    private readonly TimeProvider _time;
    private readonly ILogger<Feed> _logger;
    // Created at the first gap and the first wait, because most feeds have neither.
    private GapReader? _gaps;
    private TaskCompletionSource? _placeFreed;
    private volatile bool _hasEvents;

    public Feed(
        FeedKey key, FeedHistory history, IOrderEventObserver observer, IGrainFactory grains, FeedReader reader,
        TimeProvider time, ILogger<Feed> logger)
    {
        Key = key;
        Observer = observer;
        (_reader, _time, _logger) = (reader, time, logger);
        _fanOut = new FeedFanOut(key, history, time);
        Registration = new FeedRegistration(key, history, observer, _fanOut, grains, time, logger);
    }

    public FeedKey Key { get; }

    /// <summary>The observer through which the feed's grain notifies this front end.</summary>
    public IOrderEventObserver Observer { get; }

    public FeedRegistration Registration { get; }

    /// <inheritdoc cref="FeedFanOut.Last"/>
    public long Last => _fanOut.Last;

    /// <inheritdoc cref="FeedFanOut.IdleSince"/>
    public long IdleSince => _fanOut.IdleSince;

    /// <summary>
    /// Whether the order is known to have events. If not, all listeners have proved that they may await it.
    /// </summary>
    public bool HasEvents => _hasEvents || Last > 0;

    /// <summary>
    /// Completed when the ended feed has unregistered and has left the table of feeds, so that a new one may take its
    /// place.
    /// </summary>
    public Task PlaceFreed => PlaceFreedSource.Task;

    private TaskCompletionSource PlaceFreedSource => LazyInitializer.EnsureInitialized(
        ref _placeFreed, static () => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Records that the log has events of the order.</summary>
    public void SetHasEvents() => _hasEvents = true;

    /// <summary>Completes <see cref="PlaceFreed"/>.</summary>
    public void FreePlace() => PlaceFreedSource.TrySetResult();

    /// <summary>Adds a listener. Live events reach it from the next one on.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="mayAwait">Whether the listener may await the order's first event.</param>
    public async Task<JoinResult> JoinAsync(IFeedListener listener, bool mayAwait = false)
    {
        if (!_fanOut.HasBegun)
        {
            if (!await Registration.EnsureAsync(mayAwait))
            {
                return _fanOut.IsRetired ? JoinResult.Retired : JoinResult.Denied;
            }

            ReadGap();
        }

        return _fanOut.TryJoin(listener) ? JoinResult.Joined : JoinResult.Retired;
    }

    /// <summary>Handles events from the grain. They are in order, but may be duplicates or follow a gap.</summary>
    public void OnEvents(EncodedOrderEvent[] events)
    {
        if (_fanOut.OnEvents(events))
        {
            ReadGap();
        }
    }

    /// <summary>
    /// Renews the registration, and reads the events that were missed. Does not fail. Returns false if the grain denies
    /// the renewal. Then the feed has ended, its listeners know it, and the caller must retire it.
    /// </summary>
    public async Task<bool> RenewAsync()
    {
        if (!await Registration.RenewAsync())
        {
            _fanOut.Deny();
            return false;
        }

        ReadGap();
        return true;
    }

    /// <summary>
    /// Ends the feed unless it has listeners, and unregisters. Returns whether it has ended. Then the caller must free
    /// its place.
    /// </summary>
    public async Task<bool> RetireAsync()
    {
        if (!await Registration.RetireAsync())
        {
            return false;
        }

        await StopReadingAsync();
        return true;
    }

    /// <summary>
    /// Ends the feed because its history or the front end ends. It has ended when this call returns; the result is
    /// completed when its reading has ended too.
    /// </summary>
    public Task EndAsync()
    {
        _fanOut.Retire();
        FreePlace();
        return StopReadingAsync();
    }

    /// <summary>Starts reading the missing events, if there are any.</summary>
    private void ReadGap()
    {
        if (_fanOut.FindGap() is not null)
        {
            LazyInitializer.EnsureInitialized(
                ref _gaps, () => new GapReader(Key, _fanOut, _reader, _time, _logger)).EnsureReading();
        }
    }

    // A gap that was found before the feed ended may create the reader after this. It then reads nothing, because an
    // ended feed has no gap.
    private Task StopReadingAsync() => Volatile.Read(ref _gaps)?.StopAsync() ?? Task.CompletedTask;
}
