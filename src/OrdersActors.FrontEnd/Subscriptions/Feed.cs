using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// The events of one order or organization in this front end. The feed is registered once with the grain and shared by
/// all connections that subscribe to it.
/// </summary>
/// <remarks>
/// <code>
///   grain ──► observer ──► 1 drop, heal ──► 2 frame, once ──► 3 every subscription, in order
///                               ▲
///                               └ log (through the replay grain)
/// </code>
/// <list type="number">
/// <item><see cref="Last"/> is the number of the last event that was passed on. An event up to this number is dropped
/// as a duplicate. An event that is not the next one leaves a gap, and every event from the gap on is read from the
/// log.</item>
/// <item>The event is encoded once.</item>
/// <item>Subscriptions get the event under the feed's lock. So all of them see the same order, and a new one knows
/// exactly with which number it begins.</item>
/// </list>
/// Events of another epoch than the history's are dropped, and the history ends soon (<see cref="FeedHistory"/>). Locks
/// are taken in one order: feed, connection, outbound queue. None is held across an await.
/// </remarks>
internal sealed partial class Feed
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<Subscription> _subscriptions = [];
    private readonly FeedReader _reader;
    private readonly FrameDelivery _deliver;
    private readonly TimeProvider _time;
    private readonly ILogger<Feed> _logger;
    private bool _hasBegun;
    private long _seen;
    private Task _healing = Task.CompletedTask;

    public Feed(
        FeedKey key, FeedHistory history, IOrderEventObserver observer, IGrainFactory grains, FeedReader reader,
        FrameDelivery deliver, TimeProvider time, ILogger<Feed> logger)
    {
        Key = key;
        History = history;
        Observer = observer;
        _reader = reader;
        _deliver = deliver;
        _time = time;
        _logger = logger;
        IdleSince = time.GetTimestamp();
        Registration = new FeedRegistration(this, grains, time, logger);
    }

    public FeedKey Key { get; }

    /// <summary>The history to which the feed's numbers belong.</summary>
    public FeedHistory History { get; }

    /// <summary>The observer through which the feed's grain notifies this front end.</summary>
    public IOrderEventObserver Observer { get; }

    public FeedRegistration Registration { get; }

    /// <summary>The number of the last event that was passed on to subscriptions.</summary>
    public long Last { get; private set; }

    /// <summary>
    /// When the last subscription left, as a timestamp of the time provider; 0 while the feed has subscriptions.
    /// </summary>
    public long IdleSince { get; private set; }

    /// <summary>Completed when a retired feed has unregistered, so that a new one may take its place.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Adds a subscription. Live events reach it from the next one on.</summary>
    public async Task<FeedJoin> JoinAsync(Subscription subscription)
    {
        if (!_hasBegun && !await Registration.EnsureAsync())
        {
            return Registration.IsRetired ? FeedJoin.Retired : FeedJoin.Denied;
        }

        lock (_lock)
        {
            if (Registration.IsRetired || History.HasEnded)
            {
                return FeedJoin.Retired;
            }

            subscription.Join(this, Last);
            subscription.Slot = _subscriptions.Count;
            _subscriptions.Add(subscription);
            IdleSince = 0;
            return FeedJoin.Joined;
        }
    }

    /// <summary>
    /// Removes a subscription in constant time: the last one takes its slot. The feed itself stays for a while.
    /// </summary>
    public void Leave(Subscription subscription)
    {
        lock (_lock)
        {
            if (subscription.Slot < 0)
            {
                return;
            }

            var last = _subscriptions[^1];
            _subscriptions[subscription.Slot] = last;
            last.Slot = subscription.Slot;
            // Set after the swap, because the removed subscription may be the last one itself.
            subscription.Slot = -1;
            _subscriptions.RemoveAt(_subscriptions.Count - 1);
            if (_subscriptions.Count == 0)
            {
                IdleSince = _time.GetTimestamp();
            }
        }
    }

    /// <summary>Ends the feed because its history has ended. No more events are delivered through it.</summary>
    public void End()
    {
        lock (_lock)
        {
            Registration.IsRetired = true;
        }

        Gone.TrySetResult();
    }

    /// <summary>Ends the feed unless it has subscriptions, and frees its place.</summary>
    public async Task RetireAsync()
    {
        if (await Registration.RetireAsync(TryRetire))
        {
            History.Remove(this);
            Gone.TrySetResult();
        }
    }

    /// <summary>
    /// Calls back under the feed's lock with the last number, so that a subscription that has caught up goes live
    /// without missing an event.
    /// </summary>
    public void Synchronize(Action<long> atLast)
    {
        lock (_lock)
        {
            atLast(Last);
        }
    }

    /// <summary>Handles events from the grain. They are in order, but may be duplicates or follow a gap.</summary>
    public void OnEvents(EncodedOrderEvent[] events)
    {
        lock (_lock)
        {
            // All events of a call have the same epoch, because a grain closes its observers when the epoch changes.
            if (Registration.IsRetired || !History.Accepts(events[0].Epoch))
            {
                return;
            }

            _seen = Math.Max(_seen, Key.NumberOf(events[^1]));
            if (!_hasBegun)
            {
                // The registration is not answered yet. When it is, _seen shows which events came before the answer.
                return;
            }

            foreach (var e in events)
            {
                var number = Key.NumberOf(e);
                if (number > Last + 1)
                {
                    OrderMetrics.CountHole("feed");
                    Heal();
                    return;
                }

                if (number == Last + 1)
                {
                    PassOn(new EventFrame(Key, e));
                }
                else
                {
                    OrderMetrics.CountDuplicate("feed");
                }
            }
        }
    }

    /// <summary>Handles the grain's confirmation of the registration, which contains the head of the feed.</summary>
    public void OnRegistered(long head)
    {
        lock (_lock)
        {
            if (Registration.IsRetired)
            {
                return;
            }

            if (!_hasBegun)
            {
                _hasBegun = true;
                Last = head;
            }

            _seen = Math.Max(_seen, head);
            if (_seen > Last)
            {
                Heal();
            }

            TellLast();
        }
    }

    // Under the lock.
    private void TellLast()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.OnLast(Last);
        }
    }

    private bool TryRetire()
    {
        lock (_lock)
        {
            Registration.IsRetired |= _subscriptions.Count == 0;
            return Registration.IsRetired;
        }
    }

    // Under the lock.
    private void PassOn(EventFrame frame)
    {
        Last = frame.Number;
        foreach (var subscription in _subscriptions)
        {
            _deliver(subscription, frame);
        }
    }

    // Under the lock.
    private void Heal()
    {
        if (_healing.IsCompleted)
        {
            _healing = Task.Run(HealAsync);
        }
    }

    /// <summary>
    /// Reads from the log until every event that was seen has been passed on. Never fails; the feed owns the task.
    /// </summary>
    private async Task HealAsync()
    {
        var pause = FirstRetry;
        while (BeginHealing() is { } after)
        {
            try
            {
                EndHealing(await _reader.ReadAsync(History, Key, after));
                pause = FirstRetry;
            }
            catch (Exception e)
            {
                LogNotHealed(Key, e.Message);
                await Task.Delay(pause, _time);
                pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry;
            }
        }
    }

    /// <summary>Returns the number after which to read; null if no event is missing or the feed has ended.</summary>
    private long? BeginHealing()
    {
        lock (_lock)
        {
            if (Last < _seen && !Registration.IsRetired)
            {
                LogHealing(Key, Last, _seen);
                return Last;
            }

            // Set under the lock, so that the next gap starts a new task.
            _healing = Task.CompletedTask;
            return null;
        }
    }

    private void EndHealing(EventFrame[] page)
    {
        lock (_lock)
        {
            if (Registration.IsRetired)
            {
                return;
            }

            foreach (var frame in page)
            {
                // A page has no gaps inside. It begins after a gap only if the log no longer keeps the events. Then
                // each subscription finds out which events it can still get.
                if (frame.Number > Last)
                {
                    PassOn(frame);
                }
            }

            if (page.Length == 0)
            {
                // The log no longer keeps the events that were seen, so the feed does not wait for them.
                Last = _seen;
                TellLast();
            }
        }
    }

    [LoggerMessage(1300, LogLevel.Debug,
        "Reading the missed events of {Feed} after {Last} from the log; the newest event that was seen is {Seen}")]
    private partial void LogHealing(FeedKey feed, long last, long seen);

    [LoggerMessage(1301, LogLevel.Warning,
        "The missed events of {Feed} could not be read from the log: {Reason}. Retrying")]
    private partial void LogNotHealed(FeedKey feed, string reason);
}

/// <summary>The result of joining a feed.</summary>
internal enum FeedJoin
{
    /// <summary>The subscription has joined; live events reach it from the next one on.</summary>
    Joined,

    /// <summary>The grain denies access.</summary>
    Denied,

    /// <summary>
    /// The feed has just ended. The caller must retry with a new one when <see cref="Feed.Gone"/> is completed.
    /// </summary>
    Retired,
}
