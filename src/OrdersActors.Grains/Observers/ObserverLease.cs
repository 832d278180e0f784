using Microsoft.Extensions.Logging;

namespace OrdersActors.Grains.Observers;

/// <summary>
/// One front end's registration with one grain: the last number that was offered to it, and its waiting events.
/// </summary>
/// <remarks>
/// At most one notification is in progress. Events that arrive meanwhile wait in a queue (<see cref="PendingEvents"/>)
/// and are sent together, so a slow front end gets larger batches and never an unbounded queue. At the bound the oldest
/// waiting events are dropped: the front end sees the gap in the numbers and reads the log.
/// <para>A front end in the same process is called directly. Its call does not wait, so nothing is queued.</para>
/// <para>Thread-safe. Notifications end on any thread, so that the grains of an order and of its organization can both
/// offer events. Local observers are called, and notifications begin, under the lock, so they are in order.</para>
/// </remarks>
internal sealed partial class ObserverLease(
    FeedKey feed, IOrderEventObserver observer, ILocalObserver? local, NotificationLanes lanes, long head,
    OrderGrainOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    // The object itself is the lock, because a lock of its own would be an object more for each order. It guards all
    // fields but RenewedAt. IsDead is also read without it.
    private bool _isSending;
    private volatile bool _isDead;

    // Created when the first event must wait.
    private PendingEvents? _pending;

    // Includes every event that was offered to the front end: sent, waiting, or dropped at the bound.
    private FeedPosition _offered = new(head);

    /// <summary>
    /// When the lease was taken or renewed, as a timestamp of the time provider. Setting the system clock does not
    /// affect it.
    /// </summary>
    public long RenewedAt { get; set; } = time.GetTimestamp();

    /// <summary>Whether the front end is known to be gone, or the grain has closed the lease.</summary>
    public bool IsDead => _isDead;

    /// <summary>Whether the lease was not renewed in time.</summary>
    public bool HasExpired => time.GetElapsedTime(RenewedAt) >= options.ObserverLease;

    /// <summary>Whether the lease is dead or has expired, so that no event is offered to it any more.</summary>
    public bool HasEnded => IsDead || HasExpired;

    /// <summary>The task that sends the latest events. Never fails.</summary>
    public Task Sending { get; private set; } = Task.CompletedTask;

    /// <summary>Whether this is the lease of this observer.</summary>
    public bool IsOf(IOrderEventObserver other) => observer.Equals(other);

    /// <summary>
    /// Sends the events that were not offered before, either now or after the notification that is in progress.
    /// </summary>
    /// <param name="events">The events, in order.</param>
    /// <param name="fitsOneCall">Whether one call may carry them all.</param>
    public void Offer(EncodedOrderEvent[] events, bool fitsOneCall)
    {
        lock (this)
        {
            if (fitsOneCall && !_isSending && !_offered.Includes(feed.NumberOf(events[0])))
            {
                // The usual case: no events wait, so all observers get the same array.
                _offered = _offered.Advance(feed.NumberOf(events[^1]));
                Send(events);
                return;
            }

            _pending ??= new PendingEvents(options.MaxPendingPerObserver, options.MaxPendingBytesPerObserver);
            foreach (var e in events)
            {
                var number = feed.NumberOf(e);
                if (!_offered.Includes(number))
                {
                    _offered = _offered.Advance(number);
                    _pending.Add(e);
                }
            }

            while (_pending.Count > 0 && !_isSending && !_isDead)
            {
                Send(_pending.Take());
            }
        }
    }

    /// <summary>Ends the lease and notifies the front end, which must register again.</summary>
    public Task CloseAsync()
    {
        lock (this)
        {
            if (_isDead)
            {
                return Task.CompletedTask;
            }

            End();
        }

        return observer.OnFeedClosed(feed);
    }

    // Under the lock.
    private void Send(EncodedOrderEvent[] events)
    {
        if (local is null)
        {
            _isSending = true;
            Sending = SendAsync(events);
            return;
        }

        try
        {
            local.OnEvents(feed, events);
        }
        catch (Exception e)
        {
            // A fault of the front end must not affect the grain or other front ends.
            _isDead = true;
            LogFailed(e, feed);
        }
    }

    // Begins under the lock, and goes on without it.
    private async Task SendAsync(EncodedOrderEvent[] events)
    {
        do
        {
            if (!await TrySendAsync(events).ConfigureAwait(false))
            {
                End();
            }
        }
        while (TryTake(out events));
    }

    /// <summary>
    /// Takes the next waiting events. Returns false, and ends the sending, if no event waits or the lease is dead.
    /// </summary>
    private bool TryTake(out EncodedOrderEvent[] events)
    {
        lock (this)
        {
            _isSending = !_isDead && _pending is { Count: > 0 };
            events = _isSending ? _pending!.Take() : [];
            return _isSending;
        }
    }

    private void End()
    {
        lock (this)
        {
            _isDead = true;
            _pending?.Clear();
        }
    }

    /// <summary>
    /// Retries until the call is answered. Returns false if the front end is gone or its lease has ended.
    /// </summary>
    private async Task<bool> TrySendAsync(EncodedOrderEvent[] events)
    {
        while (true)
        {
            try
            {
                await lanes.SendAsync(observer, feed, events).ConfigureAwait(false);
                return true;
            }
            catch (ClientNotAvailableException)
            {
                LogGone(feed);
                return false;
            }
            catch (Exception) when (_isDead)
            {
                return false;
            }
            catch (Exception e) when (!HasExpired)
            {
                LogNotSent(e, feed);
            }
            catch (Exception e)
            {
                LogGivenUp(e, feed);
                return false;
            }

            await Task.Delay(RetryInterval, time).ConfigureAwait(false);
        }
    }

    [LoggerMessage(1200, LogLevel.Debug, "A front end that watched {Feed} is gone. Its registration is dropped")]
    private partial void LogGone(FeedKey feed);

    [LoggerMessage(1201, LogLevel.Warning,
        "A front end could not be notified of events of {Feed}. Retrying until its lease ends")]
    private partial void LogNotSent(Exception exception, FeedKey feed);

    [LoggerMessage(1203, LogLevel.Error,
        "The front end of this process failed to take events of {Feed}. Its registration is dropped; it registers " +
        "again at its next renewal and reads the missed events from the log")]
    private partial void LogFailed(Exception exception, FeedKey feed);

    [LoggerMessage(1202, LogLevel.Warning,
        "A front end could not be notified of events of {Feed} before its lease ended. Its registration is dropped; " +
        "a live front end registers again and reads the missed events from the log")]
    private partial void LogGivenUp(Exception exception, FeedKey feed);
}
