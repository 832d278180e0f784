using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// A feed's registration with its grain. It is a lease: taken for the feed's first subscription, renewed while the feed
/// has any, and given back after the last one.
/// </summary>
/// <remarks>
/// <para>Register, renew and unregister calls run one at a time, so a late unregistration cannot undo a new
/// registration. Each is one grain call that is answered or fails within ten seconds.</para>
/// <para>If the answer has another epoch than the feed's history, the call fails, because the history is about to end.
/// If its head is behind an event that the feed had passed on before the call, the log has lost history. The front end
/// reports this, and a silo verifies it.</para>
/// </remarks>
/// <param name="feed">The feed. It gets the head each time the grain has confirmed the registration.</param>
/// <param name="grains">Creates the reference to the grain.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
[SuppressMessage("Reliability", "CA1001",
    Justification = "A SemaphoreSlim whose wait handle is not used holds nothing to dispose of.")]
internal sealed partial class FeedRegistration(
    Feed feed, IGrainFactory grains, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(8);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Task<bool>? _registering;
    private TimeSpan _retryWithin = FirstRetry;
    private bool _isRegistered;
    private bool _isOfOtherEpoch;
    private bool _isDueSoon;
    private long _renewAt = long.MaxValue;

    /// <summary>When the lease must be renewed, as a timestamp of the time provider. Any thread may read it.</summary>
    public long RenewAt => Volatile.Read(ref _renewAt);

    /// <summary>
    /// Whether the feed has ended. The feed sets it under its lock, so that no subscription joins at the same moment.
    /// </summary>
    public bool IsRetired { get; set; }

    private IOrderFeedGrain Grain => feed.Key.IsOrganization
        ? grains.GetGrain<IOrganizationGrain>(feed.Key.GrainKey)
        : grains.GetGrain<IOrderGrain>(feed.Key.GrainKey);

    /// <summary>
    /// Registers the feed if it is not registered. Concurrent callers share one attempt, so that they share its failure
    /// instead of waiting for each other's attempts. Returns false if the grain denies access or the registration is
    /// retired.
    /// </summary>
    public async Task<bool> EnsureAsync()
    {
        var shared = RegisterOnceAsync(out var isShared);
        // The order may have been created after another caller's attempt asked for it.
        return await shared || (isShared && await RegisterOnceAsync(out _));
    }

    /// <summary>Renews the lease. Does not fail: after a failure, the next renewal is due soon.</summary>
    public async Task RenewAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (_isRegistered && !IsRetired && !await RegisterAsync())
            {
                // The order no longer belongs to this organization, or the log no longer has it. No more events will
                // come.
                LogDenied(feed.Key);
            }
        }
        catch (Exception e)
        {
            // The delay doubles after each failure: while the log is unavailable, all feeds of this front end fail.
            RenewSoon(_retryWithin);
            _retryWithin = _retryWithin * 2 < LongestRetry ? _retryWithin * 2 : LongestRetry;
            if (!_isOfOtherEpoch)
            {
                LogNotRenewed(feed.Key, e.Message);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Makes the renewal due within a time, at random, so that many feeds do not renew at once. This also holds if a
    /// renewal is in progress: its answer may come from the grain that has just closed the registration.
    /// </summary>
    public void RenewSoon(TimeSpan within)
    {
        lock (_lock)
        {
            _isDueSoon = true;
            _renewAt = After(within * Random.Shared.NextDouble());
        }
    }

    /// <summary>
    /// Gives the lease back for good, if <paramref name="tryRetire"/> still agrees when this call's turn comes. Returns
    /// whether the feed is retired.
    /// </summary>
    public async Task<bool> RetireAsync(Func<bool> tryRetire)
    {
        await _turn.WaitAsync();
        try
        {
            if (!tryRetire())
            {
                return false;
            }

            if (_isRegistered)
            {
                await Grain.Unsubscribe(feed.Observer);
            }
        }
        catch (Exception e)
        {
            LogNotUnregistered(feed.Key, e.Message);
        }
        finally
        {
            _turn.Release();
        }

        return true;
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
        // Yields first, because the caller holds the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _turn.WaitAsync();
        try
        {
            return !IsRetired && (_isRegistered || await RegisterAsync());
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> RegisterAsync()
    {
        lock (_lock)
        {
            _isDueSoon = false;
        }

        // Every event that was passed on before the call is in the log that the grain reads, unless the log has lost
        // history.
        var passedOn = feed.Last;
        _isOfOtherEpoch = false;
        var answer = await Grain.Subscribe(feed.Key.OrganizationId, feed.Observer);
        // If the epoch is another one, the history ends soon, and the hub logs that once for all feeds.
        _isOfOtherEpoch = !feed.History.Accepts(answer.Epoch);
        feed.History.Require(answer.Epoch);
        if (answer.Head < passedOn && feed.History.Epoch is { } epoch)
        {
            await ReportBehindAsync(epoch, passedOn);
        }

        if (!answer.IsAllowed)
        {
            RenewAtUnlessSoon(long.MaxValue);
            return false;
        }

        // 35 % to 45 % of the lease, at random, so that the feeds of a front end do not renew all at once.
        RenewAtUnlessSoon(After(answer.Lease * (0.35 + (Random.Shared.NextDouble() * 0.1))));
        feed.OnRegistered(answer.Head);
        _retryWithin = FirstRetry;
        _isRegistered = true;
        return true;
    }

    /// <summary>
    /// Sets the time of the next renewal, unless <see cref="RenewSoon"/> was called while the grain call was in
    /// progress. Example: the grain answers and migrates at once. Its <see cref="IOrderEventObserver.OnFeedClosed"/>
    /// may arrive before its answer has been read here. Then the registration that the answer confirms no longer
    /// exists.
    /// </summary>
    private void RenewAtUnlessSoon(long timestamp)
    {
        lock (_lock)
        {
            _renewAt = _isDueSoon ? _renewAt : timestamp;
        }
    }

    private long After(TimeSpan delay) => time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);

    private async Task ReportBehindAsync(string epoch, long passedOn)
    {
        try
        {
            await grains.GetGrain<IClusterGrain>(0).ReportBehind(feed.Key, epoch, passedOn);
        }
        catch (Exception e)
        {
            // A silo of a previous version does not know this call. The next renewal reports it again.
            LogNotReported(feed.Key, passedOn, e.Message);
        }
    }

    [LoggerMessage(1309, LogLevel.Warning,
        "The log is behind event {Number} of {Feed}, which was passed on. This could not be reported: {Reason}. The " +
        "next renewal reports it again")]
    private partial void LogNotReported(FeedKey feed, long number, string reason);

    [LoggerMessage(1302, LogLevel.Warning, "The registration for {Feed} could not be renewed: {Reason}. Retrying")]
    private partial void LogNotRenewed(FeedKey feed, string reason);

    [LoggerMessage(1303, LogLevel.Warning,
        "The renewal of the registration for {Feed} was denied. Its subscribers get no more events")]
    private partial void LogDenied(FeedKey feed);

    [LoggerMessage(1304, LogLevel.Debug,
        "The registration for {Feed} could not be ended: {Reason}. It ends with its lease")]
    private partial void LogNotUnregistered(FeedKey feed, string reason);
}
