using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// A feed's registration with its grain: a lease that is taken when the first connection watches, renewed while any does, and
/// given back after the last.
/// </summary>
/// <remarks>
/// <para>Registering, renewing and unregistering take their turns, so a late unregistration cannot undo a new
/// registration. Each is one grain call that is answered, or fails, within ten seconds.</para>
/// <para>An answer of another epoch than the feed's history is a failure: the history is about to end. A head that is
/// behind what the feed had passed on before it asked means that the log has lost history. The front end reports that,
/// and a silo verifies it.</para>
/// </remarks>
/// <param name="feed">The feed, which is notified of its head each time the grain has confirmed the
/// registration.</param>
/// <param name="grains">Where the grain is.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle is not used holds nothing to dispose of.")]
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

    /// <summary>Whether the feed is finished. Set by the feed, under its lock, so that nobody joins in the same moment.</summary>
    public bool IsRetired { get; set; }

    private IOrderFeedGrain Grain => feed.Key.IsOrganization
        ? grains.GetGrain<IOrganizationGrain>(feed.Key.GrainKey)
        : grains.GetGrain<IOrderGrain>(feed.Key.GrainKey);

    /// <summary>
    /// Registers, once for all who ask at the same time, so that they share one failure instead of waiting for each
    /// other's. False where the grain denies it or the registration is retired.
    /// </summary>
    public async Task<bool> EnsureAsync()
    {
        var shared = RegisterOnceAsync(out var isShared);
        // An order may have come into being after an attempt that somebody else had begun asked for it.
        return await shared || (isShared && await RegisterOnceAsync(out _));
    }

    /// <summary>Renews the lease. Does not fail; after a failure it is due again soon.</summary>
    public async Task RenewAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (_isRegistered && !IsRetired && !await RegisterAsync())
            {
                // The order is no longer this organization's to see, or gone from the log. Nothing more will come.
                LogDenied(feed.Key);
            }
        }
        catch (Exception e)
        {
            // Twice as long after each failure: while the log is away, all feeds of this front end fail.
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
    /// Makes the renewal due within a time, at random, so that many feeds do not renew at once. Also if a renewal is in
    /// progress: its answer may come from the grain that has just closed the registration.
    /// </summary>
    public void RenewSoon(TimeSpan within)
    {
        lock (_lock)
        {
            _isDueSoon = true;
            _renewAt = After(within * Random.Shared.NextDouble());
        }
    }

    /// <summary>Gives the lease back for good, if the feed still agrees when its turn comes. True when it is retired.</summary>
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
        // The caller holds the lock.
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

        // Whatever was passed on before the call is in the log that the grain reads.
        var passedOn = feed.Last;
        _isOfOtherEpoch = false;
        var answer = await Grain.Subscribe(feed.Key.OrganizationId, feed.Observer);
        // Then the history ends soon, and the hub logs that once for all feeds.
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

        // Two fifths, give or take a twentieth, so that the feeds of a front end do not renew all at once.
        RenewAtUnlessSoon(After(answer.Lease * (0.35 + (Random.Shared.NextDouble() * 0.1))));
        feed.OnRegistered(answer.Head);
        _retryWithin = FirstRetry;
        _isRegistered = true;
        return true;
    }

    /// <summary>
    /// Sets when to renew next, unless <see cref="RenewSoon"/> was called while the call was in progress. Example: the
    /// grain answers and migrates at once. Its "closed" may arrive before its answer has been read here, and the
    /// registration that the answer confirms does not exist any more.
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
            // A silo of a previous version does not know the report. The next renewal reports it again.
            LogNotReported(feed.Key, passedOn, e.Message);
        }
    }

    [LoggerMessage(1309, LogLevel.Warning,
        "The log is behind event {Number} of {Feed}, which was passed on, and that could not be reported: {Reason}; " +
        "the next renewal reports it again")]
    private partial void LogNotReported(FeedKey feed, long number, string reason);

    [LoggerMessage(1302, LogLevel.Warning, "The registration for {Feed} could not be renewed: {Reason}; trying again")]
    private partial void LogNotRenewed(FeedKey feed, string reason);

    [LoggerMessage(1303, LogLevel.Warning, "The registration for {Feed} was denied when it was renewed; its subscribers get nothing more")]
    private partial void LogDenied(FeedKey feed);

    [LoggerMessage(1304, LogLevel.Debug, "The registration for {Feed} could not be ended: {Reason}; it ends with its lease")]
    private partial void LogNotUnregistered(FeedKey feed, string reason);
}
