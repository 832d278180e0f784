using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Connections;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// Reads the log for a connection's subscriptions that are behind, until each has met its feed's last event.
/// </summary>
/// <remarks>
/// <code>
///   1 the next subscription ──► 2 a page of the log ──► 3 send, as the client takes it ──► 4 live, or 1 again
/// </code>
/// <list type="number">
/// <item>The subscriptions take turns, a page each, so a long replay does not hold up a short one; and so do the front end's
/// connections (<see cref="FrontEndTurns.Replays"/>).</item>
/// <item>One page at a time is in memory. A log that cannot be read is asked again, as long as the connection lives.</item>
/// <item>Nothing is queued while more than half of the connection's queue is taken: a replay goes at the client's pace, and live
/// events of other subscriptions still fit. An event that must wait for its order's earlier ones is read again later.</item>
/// <item>The feed's lock is held for the last look, so nothing falls between what was read and what comes live.</item>
/// </list>
/// A page that does not follow what was sent before means that the log has let go of events that are still due. They are not passed
/// over: the connection is closed, the client resumes, and is told from where on there is something (<c>earliest</c>).
/// </remarks>
internal sealed partial class CatchUp(
    Lock gate, DeliveryRules rules, FeedReader reader, Turns turns, OutboundQueue outbound, Action<CloseReason> close,
    TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _ended = new();
    private readonly Queue<Subscription> _behind = [];
    private TimeSpan _pause = FirstRetry;
    private Task _reading = Task.CompletedTask;

    /// <summary>Reads for a subscription from its position on, unless that is being done. Under the gate.</summary>
    public void Begin(Subscription subscription)
    {
        if (subscription.IsCatchingUp || _ended.IsCancellationRequested)
        {
            return;
        }

        subscription.IsCatchingUp = true;
        _behind.Enqueue(subscription);
        if (_reading.IsCompleted)
        {
            _reading = Task.Run(ReadAsync);
        }
    }

    /// <summary>Ends the reading, whatever it waits for.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _reading;
        _ended.Dispose();
    }

    /// <summary>Never fails; <see cref="DisposeAsync"/> awaits it.</summary>
    private async Task ReadAsync()
    {
        try
        {
            while (Next() is { } subscription)
            {
                await TryReadPageAsync(subscription);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The connection is over.
        }
        catch (Exception e)
        {
            LogFault(e);
            close(CloseReason.ServerFault);
        }
    }

    // 1.
    private Subscription? Next()
    {
        lock (gate)
        {
            while (_behind.TryDequeue(out var subscription))
            {
                if (!subscription.HasEnded)
                {
                    return subscription;
                }
            }

            rules.CaughtUp();
            // Under the gate, so that whoever falls behind next starts a new reading.
            _reading = Task.CompletedTask;
            return null;
        }
    }

    private async Task TryReadPageAsync(Subscription subscription)
    {
        try
        {
            await ReadPageAsync(subscription);
            _pause = FirstRetry;
        }
        catch (Exception e) when (e is EventLogUnavailableException or OrleansException or TimeoutException)
        {
            LogNotRead(subscription.Key, e.Message);
            await Task.Delay(_pause, time, _ended.Token);
            _pause = _pause * 2 < LongestRetry ? _pause * 2 : LongestRetry;
            subscription.Feed!.Synchronize(last => GoLive(subscription, last));
        }
    }

    private async Task ReadPageAsync(Subscription subscription)
    {
        await outbound.WaitForSpaceAsync(_ended.Token);
        if (await turns.RunAsync(() => ReadAndSendAsync(subscription), _ended.Token) is not { } rest)
        {
            return;
        }

        while (!Send(subscription, ref rest))
        {
            await outbound.WaitForSpaceAsync(_ended.Token);
        }

        // 4.
        subscription.Feed!.Synchronize(last => GoLive(subscription, last));
    }

    // 2. Reads a page and sends of it what there is room for. Returns the rest; null where the history is gone.
    private async Task<ArraySegment<EventFrame>?> ReadAndSendAsync(Subscription subscription)
    {
        var known = Math.Max(subscription.Feed!.Last, subscription.Known);
        var after = subscription.Position;
        var page = await reader.ReadSharedAsync(subscription.Feed.History, subscription.Key, after)
            .WaitAsync(_ended.Token);
        if (page.Length > 0 ? page[0].Number > after + 1 : after < known)
        {
            LogHistoryGone(subscription.Key, after + 1);
            close(CloseReason.HistoryGone);
            return null;
        }

        var rest = new ArraySegment<EventFrame>(page);
        Send(subscription, ref rest);
        return rest;
    }

    // 3. False where the rest of the page waits for the client; true when there is nothing left to do with it.
    private bool Send(Subscription subscription, ref ArraySegment<EventFrame> rest)
    {
        lock (gate)
        {
            for (; rest.Count > 0 && !subscription.HasEnded; rest = rest[1..])
            {
                if (!outbound.HasSpace)
                {
                    return false;
                }

                var frame = rest[0];
                var offered = rules.Offer(subscription, frame);
                if (offered == Offered.Settled)
                {
                    continue;
                }

                if (offered == Offered.LeftToOrganization)
                {
                    subscription.IsCatchingUp = false;
                }
                else if (offered == Offered.OrderGoesFirst)
                {
                    Begin(rules.OrderOf(frame)!);
                }

                // What is left of the page is read again when its turn comes.
                rest = [];
                break;
            }

            return true;
        }
    }

    private void GoLive(Subscription subscription, long last)
    {
        lock (gate)
        {
            if (subscription.HasEnded || !subscription.IsCatchingUp)
            {
                return;
            }

            subscription.IsCatchingUp = subscription.Position < last;
            if (subscription.IsCatchingUp)
            {
                _behind.Enqueue(subscription);
            }
        }
    }

    [LoggerMessage(1310, LogLevel.Error, "Reading for a connection failed in a way that trying again cannot mend; it is closed with 1011")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(1311, LogLevel.Debug, "What a connection has still to be sent of {Feed} could not be read: {Reason}; trying again")]
    private partial void LogNotRead(FeedKey feed, string reason);

    [LoggerMessage(1312, LogLevel.Information,
        "A connection has still to be sent {Feed} from {Number} on, and the log no longer keeps that; it is closed with 1013 and its client resumes")]
    private partial void LogHistoryGone(FeedKey feed, long number);
}
