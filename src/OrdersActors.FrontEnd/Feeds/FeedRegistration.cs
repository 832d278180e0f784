using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// A feed's registration with its grain. It is a lease: taken for the feed's first listener, renewed while the feed has
/// any, and given back after the last one.
/// </summary>
/// <remarks>
/// <para>Register, renew and unregister calls run one at a time, so a late unregistration cannot undo a new
/// registration. Each is one grain call that is answered or fails within ten seconds.</para>
/// <para>If the answer has another epoch than the feed's history, the call fails, because the history is about to end.
/// If its head is behind an event that the feed had passed on before the call, the log has lost history. The front end
/// reports this, and a silo verifies it.</para>
/// <para>A feed whose listener awaits the order's first event registers ahead of it, and renews in the same way until
/// the first event has come. From then on, a denied renewal means that the log has lost the order.</para>
/// </remarks>
/// <param name="key">The feed.</param>
/// <param name="history">The feed's history.</param>
/// <param name="observer">The observer that is registered.</param>
/// <param name="fanOut">Gets the head each time the grain has confirmed the registration.</param>
/// <param name="grains">Creates the reference to the grain.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
[SuppressMessage("Reliability", "CA1001",
    Justification = "A SemaphoreSlim whose wait handle is not used holds nothing to dispose of.")]
internal sealed partial class FeedRegistration(
    FeedKey key, FeedHistory history, IOrderEventObserver observer, FeedFanOut fanOut, IGrainFactory grains,
    TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);

    // Held during a call to the grain. Guards the four fields after it.
    private readonly SemaphoreSlim _turn = new(1, 1);
    // Null after a success, because most registrations never fail.
    private RetryBackoff? _backOff;
    private bool _isRegistered;
    private bool _isAhead;
    private bool _isOfOtherEpoch;

    // These are guarded by a lock on _turn, which need not be held as a semaphore for that. No other lock is taken
    // under it. A lock of their own would be an object more for each feed.
    private Task<bool>? _registering;
    private bool _isRegisteringAhead;
    private bool _isDueSoon;
    private long _renewAt = long.MaxValue;

    /// <summary>When the lease must be renewed, as a timestamp of the time provider. Any thread may read it.</summary>
    public long RenewAt => Volatile.Read(ref _renewAt);

    private IOrderFeedGrain Grain => key.IsOrganization
        ? grains.Find<IOrganizationGrain>(key.GrainKey)
        : grains.Find<IOrderGrain>(key.GrainKey);

    /// <summary>
    /// Registers the feed if it is not registered. Concurrent callers share one attempt, so that they share its failure
    /// instead of waiting for each other's attempts. Returns false if the grain denies access or the feed has ended.
    /// </summary>
    /// <param name="mayAwait">Whether the caller may await the order's first event.</param>
    public async Task<bool> EnsureAsync(bool mayAwait = false)
    {
        var shared = RegisterOnceAsync(mayAwait, out var isShared);
        try
        {
            // The order may have been created after another caller's attempt asked for it.
            return await shared || (isShared && await RegisterOnceAsync(mayAwait, out _));
        }
        finally
        {
            Forget(shared);
        }
    }

    /// <summary>
    /// Renews the lease. Does not fail: after a failure, the next renewal is due soon. Returns false if the grain
    /// denies access.
    /// </summary>
    public async Task<bool> RenewAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (!_isRegistered || fanOut.IsRetired || await RegisterAsync(_isAhead && fanOut.Last == 0))
            {
                return true;
            }

            // The log no longer has the order, so the grain keeps no observer for long. There is nothing to give back.
            _isRegistered = false;
            LogDenied(key);
            return false;
        }
        catch (Exception e)
        {
            // The delay doubles after each failure: while the log is unavailable, all feeds of this front end fail.
            _backOff ??= new RetryBackoff(FirstRetry, Deadlines.LongestRenewalRetry);
            RenewSoon(_backOff.Next());
            FeedMetrics.CountFailed();
            if (!_isOfOtherEpoch)
            {
                LogNotRenewed(key, e.Message);
            }

            return true;
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
        lock (_turn)
        {
            _isDueSoon = true;
            _renewAt = After(within * Random.Shared.NextDouble());
        }
    }

    /// <summary>
    /// Gives the lease back for good, if the feed has ended or has no listeners when this call's turn comes. Returns
    /// whether the feed has ended.
    /// </summary>
    public async Task<bool> RetireAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (!fanOut.TryRetire())
            {
                return false;
            }

            if (_isRegistered)
            {
                await Grain.Unsubscribe(observer);
            }
        }
        catch (Exception e)
        {
            LogNotUnregistered(key, e.Message);
        }
        finally
        {
            _turn.Release();
        }

        return true;
    }

    private Task<bool> RegisterOnceAsync(bool mayAwait, out bool isShared)
    {
        lock (_turn)
        {
            // A caller that may await the order must not get the answer to one that may not.
            isShared = _registering is { IsCompleted: false } && (_isRegisteringAhead || !mayAwait);
            if (!isShared)
            {
                _isRegisteringAhead = mayAwait;
                _registering = RegisterInTurnAsync(mayAwait);
            }

            return _registering!;
        }
    }

    /// <summary>Drops a completed attempt, which is not needed any more and holds the memory of its method.</summary>
    private void Forget(Task<bool> completed)
    {
        lock (_turn)
        {
            _registering = _registering == completed ? null : _registering;
        }
    }

    private async Task<bool> RegisterInTurnAsync(bool mayAwait)
    {
        // Yields first, because the caller holds the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _turn.WaitAsync();
        try
        {
            return !fanOut.IsRetired && (_isRegistered || await RegisterAsync(mayAwait));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> RegisterAsync(bool ahead)
    {
        lock (_turn)
        {
            _isDueSoon = false;
        }

        // Every event that was passed on before the call is in the log that the grain reads, unless the log has lost
        // history.
        var passedOn = fanOut.Last;
        _isOfOtherEpoch = false;
        var answer = await (ahead ? SubscribeAheadAsync() : Grain.Subscribe(key.OrganizationId, observer));
        // If the epoch is another one, the history ends soon, and the hub logs that once for all feeds.
        _isOfOtherEpoch = !history.Accepts(answer.Epoch);
        history.Require(answer.Epoch);
        if (answer.Head < passedOn && history.Epoch is { } epoch)
        {
            await ReportBehindAsync(epoch, passedOn);
        }

        if (!answer.IsAllowed)
        {
            RenewAtUnlessSoon(long.MaxValue);
            FeedMetrics.CountDenied();
            return false;
        }

        // 35 % to 45 % of the lease, at random, so that the feeds of a front end do not renew all at once.
        RenewAtUnlessSoon(After(answer.Lease * (0.35 + (Random.Shared.NextDouble() * 0.1))));
        fanOut.OnRegistered(answer.Head);
        FeedMetrics.CountConfirmed();
        _backOff = null;
        _isRegistered = true;
        _isAhead = ahead;
        return true;
    }

    private async Task<FeedSubscription> SubscribeAheadAsync()
    {
        var order = grains.Find<IOrderGrain>(key.GrainKey);
        try
        {
            return await order.SubscribeAhead(key.OrganizationId, observer);
        }
        catch (Exception e) when (UnknownMethod.Is(e))
        {
            // A silo of a previous version does not know this call. It answers as it always did: an order without
            // events is denied.
            LogNotAhead(key, e.Message);
            return await order.Subscribe(key.OrganizationId, observer);
        }
    }

    /// <summary>
    /// Sets the time of the next renewal, unless <see cref="RenewSoon"/> was called while the grain call was in
    /// progress. Example: the grain answers and migrates at once. Its <see cref="IOrderEventObserver.OnFeedClosed"/>
    /// may arrive before its answer has been read here. Then the registration that the answer confirms no longer
    /// exists.
    /// </summary>
    private void RenewAtUnlessSoon(long timestamp)
    {
        lock (_turn)
        {
            _renewAt = _isDueSoon ? _renewAt : timestamp;
        }
    }

    private long After(TimeSpan delay) => time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);

    private async Task ReportBehindAsync(string epoch, long passedOn)
    {
        try
        {
            await grains.Find<IClusterGrain>(0).ReportBehind(key, epoch, passedOn);
        }
        catch (Exception e)
        {
            // A silo of a previous version does not know this call. The next renewal reports it again.
            LogNotReported(key, passedOn, e.Message);
        }
    }

    [LoggerMessage(1309, LogLevel.Warning,
        "The log is behind event {Number} of {Feed}, which was passed on. This could not be reported: {Reason}. The " +
        "next renewal reports it again")]
    private partial void LogNotReported(FeedKey feed, long number, string reason);

    [LoggerMessage(1314, LogLevel.Debug,
        "The registration for {Feed} ahead of its first event failed: {Reason}. Trying a registration that does not " +
        "await the order")]
    private partial void LogNotAhead(FeedKey feed, string reason);

    [LoggerMessage(1302, LogLevel.Warning, "The registration for {Feed} could not be renewed: {Reason}. Retrying")]
    private partial void LogNotRenewed(FeedKey feed, string reason);

    [LoggerMessage(1303, LogLevel.Warning,
        "The renewal of the registration for {Feed} was denied, because the log no longer has it. Its connections " +
        "are closed with 1012 and resume")]
    private partial void LogDenied(FeedKey feed);

    [LoggerMessage(1304, LogLevel.Debug,
        "The registration for {Feed} could not be ended: {Reason}. It ends with its lease")]
    private partial void LogNotUnregistered(FeedKey feed, string reason);
}
