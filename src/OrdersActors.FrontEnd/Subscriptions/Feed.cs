using System.Diagnostics.CodeAnalysis;
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
/// Registering, renewing and unregistering take their turns (<see cref="_turn"/>), so a late goodbye cannot undo a new
/// registration. Locks nest in one direction: feed, then connection, then its queue; none is held across an await.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle is not used holds nothing to dispose of.")]
internal sealed partial class Feed(
    FeedKey key, IOrderEventObserver observer, IGrainFactory grains, FeedReader reader, TimeProvider time, ILogger<Feed> logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<Subscription> _subscriptions = [];
    private long _seen;
    private Task<bool>? _registering;
    private Task _healing = Task.CompletedTask;

    public FeedKey Key => key;

    /// <summary>The number of the last event passed on to subscriptions.</summary>
    public long Last { get; private set; }

    /// <summary>Whether the grain knows this front end.</summary>
    public bool IsRegistered { get; private set; }

    /// <summary>Whether this feed is finished and a new one must take its place, once <see cref="Gone"/> is completed.</summary>
    public bool IsRetired { get; private set; }

    /// <summary>Completed when a retired feed has been unregistered and its place is free.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When the registration is to be renewed, as a timestamp of the time provider.</summary>
    public long RenewAt { get; private set; } = long.MaxValue;

    /// <summary>Since when nobody has watched, as a timestamp; 0 while somebody does.</summary>
    public long IdleSince { get; private set; } = time.GetTimestamp();

    /// <summary>Adds a subscription, from the next event on. False where the grain denies the feed or the feed is retired.</summary>
    public async Task<FeedJoin> JoinAsync(Subscription subscription)
    {
        if (!IsRegistered && !await EnsureRegisteredAsync())
        {
            return IsRetired ? FeedJoin.Retired : FeedJoin.Denied;
        }

        lock (_lock)
        {
            if (IsRetired)
            {
                return FeedJoin.Retired;
            }

            subscription.Join(this, Last);
            _subscriptions.Add(subscription);
            IdleSince = 0;
            return FeedJoin.Joined;
        }
    }

    /// <summary>Removes a subscription. The feed itself stays for a while.</summary>
    public void Leave(Subscription subscription)
    {
        lock (_lock)
        {
            if (_subscriptions.Remove(subscription) && _subscriptions.Count == 0)
            {
                IdleSince = time.GetTimestamp();
            }
        }
    }

    /// <summary>
    /// Calls back under the feed's lock with the last number, so that a subscription that has caught up can go live with
    /// no event between.
    /// </summary>
    public bool Synchronize(Func<long, bool> atLast)
    {
        lock (_lock)
        {
            return atLast(Last);
        }
    }

    /// <summary>Takes events from the grain: in order, but perhaps seen before, and perhaps after a hole.</summary>
    public void OnEvents(EncodedOrderEvent[] events)
    {
        lock (_lock)
        {
            _seen = Math.Max(_seen, key.NumberOf(events[^1]));
            if (!IsRegistered)
            {
                // The answer to the registration is still on its way; whoever handles it looks at _seen.
                return;
            }

            foreach (var e in events)
            {
                var number = key.NumberOf(e);
                if (number <= Last)
                {
                    continue;
                }

                if (number > Last + 1)
                {
                    Heal();
                    return;
                }

                PassOn(new EventFrame(key, e));
            }
        }
    }

    /// <summary>Renews the registration, and reads what was missed meanwhile.</summary>
    public async Task RenewAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (IsRegistered && !IsRetired && !await RegisterAsync())
            {
                // The order is no longer this organization's to see, or gone from the log. Nothing more will come.
                LogDenied(key);
            }
        }
        catch (Exception e)
        {
            RenewSoon(FirstRetry * 4);
            LogNotRenewed(e, key);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Asks for a renewal soon: the grain has gone, or the last try failed.</summary>
    public void RenewSoon(TimeSpan within)
    {
        var ticks = (long)(within.TotalSeconds * Random.Shared.NextDouble() * time.TimestampFrequency);
        RenewAt = time.GetTimestamp() + ticks;
    }

    /// <summary>Unregisters from the grain if still nobody watches. True when the feed is retired.</summary>
    public async Task<bool> RetireAsync()
    {
        await _turn.WaitAsync();
        try
        {
            lock (_lock)
            {
                if (_subscriptions.Count > 0)
                {
                    return false;
                }

                IsRetired = true;
            }

            if (IsRegistered)
            {
                await Grain.Unsubscribe(observer);
            }
        }
        catch (Exception e)
        {
            LogNotUnregistered(e, key);
        }
        finally
        {
            _turn.Release();
        }

        return true;
    }

    private IOrderFeedGrain Grain => key.IsOrganization
        ? grains.GetGrain<IOrganizationGrain>(key.OrganizationId)
        : grains.GetGrain<IOrderGrain>(key.OrderId!);

    /// <summary>
    /// Registers for all who join at the same time, so that they share one failure instead of waiting for each other's.
    /// </summary>
    private async Task<bool> EnsureRegisteredAsync()
    {
        var shared = RegisterOnceAsync(out var isShared);
        // An order may have come into being after an attempt that somebody else had begun asked for it.
        return await shared || (isShared && await RegisterOnceAsync(out _));
    }

    private Task<bool> RegisterOnceAsync(out bool isShared)
    {
        lock (_lock)
        {
            isShared = _registering is { IsCompleted: false };
            return isShared ? _registering! : _registering = RegisterInTurnAsync();
        }
    }

    private async Task<bool> RegisterInTurnAsync()
    {
        // The caller holds the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _turn.WaitAsync();
        try
        {
            return IsRegistered || (!IsRetired && await RegisterAsync());
        }
        finally
        {
            _turn.Release();
        }
    }

    // In turn.
    private async Task<bool> RegisterAsync()
    {
        var answer = await Grain.Subscribe(key.OrganizationId, observer);
        lock (_lock)
        {
            if (!answer.IsAllowed)
            {
                RenewAt = long.MaxValue;
                return false;
            }

            // Two fifths, give or take a tenth, so that the feeds of a front end do not renew all at once.
            RenewAt = time.GetTimestamp()
                + (long)(answer.Lease.TotalSeconds * (0.35 + (Random.Shared.NextDouble() * 0.1)) * time.TimestampFrequency);
            if (!IsRegistered)
            {
                IsRegistered = true;
                Last = answer.Head;
            }

            _seen = Math.Max(_seen, answer.Head);
            if (_seen > Last)
            {
                Heal();
            }

            return true;
        }
    }

    // Under the lock.
    private void PassOn(EventFrame frame)
    {
        Last = frame.Number;
        foreach (var subscription in _subscriptions)
        {
            subscription.OnEvent(frame);
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
        while (true)
        {
            long after;
            lock (_lock)
            {
                after = Last;
                if (IsRetired || after >= _seen)
                {
                    // Under the lock, so that a hole that is found next starts a new healing.
                    _healing = Task.CompletedTask;
                    return;
                }
            }

            try
            {
                LogHealing(key, after, _seen);
                var page = await reader.ReadAsync(key, after);
                lock (_lock)
                {
                    foreach (var frame in page)
                    {
                        // A page has no holes of its own; it begins later only where the log no longer goes back so far.
                        if (frame.Number > Last)
                        {
                            PassOn(frame);
                        }
                    }

                    if (page.Length == 0)
                    {
                        // The log does not hold what was seen: there is nothing to wait for.
                        _seen = Last;
                    }
                }

                pause = FirstRetry;
            }
            catch (Exception e)
            {
                LogNotHealed(e, key);
                await Task.Delay(pause, time);
                pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry;
            }
        }
    }

    [LoggerMessage(1300, LogLevel.Debug, "Reading {Feed} from the log: {Last} was passed on last, {Seen} has been seen")]
    private partial void LogHealing(FeedKey feed, long last, long seen);

    [LoggerMessage(1301, LogLevel.Warning, "What {Feed} missed could not be read from the log; trying again")]
    private partial void LogNotHealed(Exception exception, FeedKey feed);

    [LoggerMessage(1302, LogLevel.Warning, "The registration for {Feed} could not be renewed; trying again")]
    private partial void LogNotRenewed(Exception exception, FeedKey feed);

    [LoggerMessage(1303, LogLevel.Warning, "The registration for {Feed} was denied when it was renewed; its subscribers get nothing more")]
    private partial void LogDenied(FeedKey feed);

    [LoggerMessage(1304, LogLevel.Debug, "The registration for {Feed} could not be ended; it ends with its lease")]
    private partial void LogNotUnregistered(Exception exception, FeedKey feed);
}

/// <summary>How joining a feed ended.</summary>
internal enum FeedJoin
{
    Joined,
    Denied,
    Retired,
}
