using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// One order's or organization's events in this front end: registered once with the grain, shared by all connections that
/// watch it.
/// </summary>
/// <remarks>
/// <code>
///   grain ──► observer ──► 1 drop, heal ──► 2 frame, once ──► 3 every subscription, in order
///                               ▲
///                               └ log (through the replay grain)
/// </code>
/// <list type="number">
/// <item><see cref="Last"/> is the number of the last event that was passed on. What is not past it is dropped; what is not
/// the next one leaves a hole, and everything from the hole on is read from the log.</item>
/// <item>The frame's bytes are made once.</item>
/// <item>Subscriptions are told under the feed's lock, so all see the same order, and one that joins knows exactly from which
/// number on.</item>
/// </list>
/// Events of another epoch than its history's are dropped; the history ends soon (<see cref="FeedHistory"/>).
/// Locks nest in one direction: feed, then connection, then its queue; none is held across an await.
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

    /// <summary>The history whose numbers the feed has.</summary>
    public FeedHistory History { get; }

    /// <summary>This front end, as the feed's grain knows it.</summary>
    public IOrderEventObserver Observer { get; }

    public FeedRegistration Registration { get; }

    /// <summary>The number of the last event passed on to subscriptions.</summary>
    public long Last { get; private set; }

    /// <summary>Since when nobody has watched, as a timestamp of the time provider; 0 while somebody does.</summary>
    public long IdleSince { get; private set; }

    /// <summary>Completed when a retired feed has been unregistered and its place is free for a new one.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Adds a subscription, from the next event on.</summary>
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

    /// <summary>Removes a subscription, in constant time: the last one takes its slot. The feed itself stays for a
    /// while.</summary>
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
            // After that, because it may be the last one itself.
            subscription.Slot = -1;
            _subscriptions.RemoveAt(_subscriptions.Count - 1);
            if (_subscriptions.Count == 0)
            {
                IdleSince = _time.GetTimestamp();
            }
        }
    }

    /// <summary>Ends the feed with its history. Nothing is delivered through it any more.</summary>
    public void End()
    {
        lock (_lock)
        {
            Registration.IsRetired = true;
        }

        Gone.TrySetResult();
    }

    /// <summary>Ends the feed, unless somebody watches it, and frees its place.</summary>
    public async Task RetireAsync()
    {
        if (await Registration.RetireAsync(TryRetire))
        {
            History.Remove(this);
            Gone.TrySetResult();
        }
    }

    /// <summary>
    /// Calls back under the feed's lock with the last number, so that a subscription that has caught up can go live with
    /// no event between.
    /// </summary>
    public void Synchronize(Action<long> atLast)
    {
        lock (_lock)
        {
            atLast(Last);
        }
    }

    /// <summary>Takes events from the grain: in order, but perhaps seen before, and perhaps after a hole.</summary>
    public void OnEvents(EncodedOrderEvent[] events)
    {
        lock (_lock)
        {
            // A grain sends events of one epoch in one call: it closes its observers when the epoch changes.
            if (Registration.IsRetired || !History.Accepts(events[0].Epoch))
            {
                return;
            }

            _seen = Math.Max(_seen, Key.NumberOf(events[^1]));
            if (!_hasBegun)
            {
                // The answer to the registration is still on its way; then _seen shows what came before it.
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

    /// <summary>The grain has confirmed the registration, with this head.</summary>
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

    /// <summary>Reads from the log until everything that was seen has been passed on. Never fails; the feed owns it.</summary>
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

    /// <summary>The number to read on from; null when there is nothing left to heal, or nobody to heal for.</summary>
    private long? BeginHealing()
    {
        lock (_lock)
        {
            if (Last < _seen && !Registration.IsRetired)
            {
                LogHealing(Key, Last, _seen);
                return Last;
            }

            // Under the lock, so that a hole that is found next starts a new healing.
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
                // A page has no holes of its own; it begins later only where the log no longer goes back so far. Each
                // subscription then looks for itself what it can still be sent.
                if (frame.Number > Last)
                {
                    PassOn(frame);
                }
            }

            if (page.Length == 0)
            {
                // The log has let go of what was seen: there is nothing to wait for.
                Last = _seen;
                TellLast();
            }
        }
    }

    [LoggerMessage(1300, LogLevel.Debug, "Reading {Feed} from the log: {Last} was passed on last, {Seen} has been seen")]
    private partial void LogHealing(FeedKey feed, long last, long seen);

    [LoggerMessage(1301, LogLevel.Warning, "What {Feed} missed could not be read from the log: {Reason}; trying again")]
    private partial void LogNotHealed(FeedKey feed, string reason);
}

/// <summary>How joining a feed ended.</summary>
internal enum FeedJoin
{
    /// <summary>Events come from the next one on.</summary>
    Joined,

    /// <summary>The grain does not allow it.</summary>
    Denied,

    /// <summary>The feed has just ended; try again with a new one, once <see cref="Feed.Gone"/> is completed.</summary>
    Retired,
}
