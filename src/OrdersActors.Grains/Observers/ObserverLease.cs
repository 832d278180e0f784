using Microsoft.Extensions.Logging;

namespace OrdersActors.Grains.Observers;

/// <summary>
/// One front end's registration with one grain: how far it has been told, and what it is to be told next.
/// </summary>
/// <remarks>
/// At most one notification is on its way; what comes meanwhile waits and goes out in one piece, so a slow front end gets
/// larger batches and never an unbounded queue. At the bound the oldest waiting events are dropped: the front end sees
/// the hole in the numbers and reads the log. All of it runs on the grain's own scheduler.
/// </remarks>
internal sealed partial class ObserverLease(
    FeedKey feed, IOrderEventObserver observer, long head, int maxPending, TimeProvider time, ILogger logger)
{
    // Cross-process, one message; 512 events of 300 bytes are 150 KB.
    private const int MaxEventsPerCall = 512;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Queue<EncodedOrderEvent> _pending = [];

    /// <summary>The number of the last event that was offered.</summary>
    public long Last { get; private set; } = head;

    /// <summary>When the lease ends, unless it is renewed.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Whether the front end is known to be gone.</summary>
    public bool IsDead { get; private set; }

    /// <summary>The sending of what waits; completed when nothing does. Never fails.</summary>
    public Task Sending { get; private set; } = Task.CompletedTask;

    /// <summary>Sends the events that are past <see cref="Last"/>, now or after the notification that is on its way.</summary>
    public void Offer(EncodedOrderEvent[] events)
    {
        if (feed.NumberOf(events[0]) > Last && Sending.IsCompleted && events.Length <= MaxEventsPerCall)
        {
            // The usual case: nothing waits, so every observer is sent the very same array.
            Last = feed.NumberOf(events[^1]);
            Sending = SendAsync(events);
            return;
        }

        foreach (var e in events)
        {
            if (feed.NumberOf(e) <= Last)
            {
                continue;
            }

            Last = feed.NumberOf(e);
            _pending.Enqueue(e);
            if (_pending.Count > maxPending)
            {
                _pending.Dequeue();
            }
        }

        if (_pending.Count > 0 && Sending.IsCompleted)
        {
            Sending = SendAsync(Take());
        }
    }

    /// <summary>Tells the front end that the grain leaves and that it must register again.</summary>
    public Task CloseAsync() => observer.OnFeedClosed(feed);

    private EncodedOrderEvent[] Take()
    {
        var events = new EncodedOrderEvent[Math.Min(_pending.Count, MaxEventsPerCall)];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = _pending.Dequeue();
        }

        return events;
    }

    private async Task SendAsync(EncodedOrderEvent[] events)
    {
        while (true)
        {
            if (!await TrySendAsync(events))
            {
                _pending.Clear();
                return;
            }

            if (_pending.Count == 0)
            {
                return;
            }

            events = Take();
        }
    }

    /// <summary>Sends until it is answered; false when the front end is gone or its lease has run out.</summary>
    private async Task<bool> TrySendAsync(EncodedOrderEvent[] events)
    {
        while (true)
        {
            try
            {
                await observer.OnEvents(feed, events);
                return true;
            }
            catch (ClientNotAvailableException)
            {
                IsDead = true;
                LogGone(feed);
                return false;
            }
            catch (Exception e) when (time.GetUtcNow() < ExpiresAt)
            {
                LogNotSent(e, feed);
            }
            catch (Exception e)
            {
                IsDead = true;
                LogGivenUp(e, feed);
                return false;
            }

            await Task.Delay(RetryPause, time);
        }
    }

    [LoggerMessage(1200, LogLevel.Debug, "A front end that watched {Feed} is gone; its registration is dropped")]
    private partial void LogGone(FeedKey feed);

    [LoggerMessage(1201, LogLevel.Warning, "A front end could not be told of events of {Feed}; trying again until its lease ends")]
    private partial void LogNotSent(Exception exception, FeedKey feed);

    [LoggerMessage(1202, LogLevel.Warning,
        "A front end could not be told of events of {Feed} and its lease has ended; if it lives it registers again and reads what it missed")]
    private partial void LogGivenUp(Exception exception, FeedKey feed);
}
