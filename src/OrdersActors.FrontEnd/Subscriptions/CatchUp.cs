using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// Reads the log for a connection's subscriptions that are behind, until each has reached its feed's last event.
/// </summary>
/// <remarks>
/// <code>
///   1 the next subscription ──► 2 a page of the log ──► 3 send at the client's pace ──► 4 live, or 1 again
/// </code>
/// <list type="number">
/// <item>The subscriptions take turns, one page each, so that a long replay does not delay a short one. The front end's
/// connections take turns too (<see cref="FrontEndLimiters.Replays"/>).</item>
/// <item>Only one page at a time is in memory, and none while all clients together hold too much
/// (<see cref="QueueBudget"/>). If the log cannot be read, the read is retried as long as the connection
/// lives.</item>
/// <item>Nothing is queued while more than half of the connection's queue is in use. So a replay runs at the client's
/// pace, and live events of other subscriptions still fit. An event that must wait for its order's earlier events is
/// read again later.</item>
/// <item>Under the lock of its group of listeners, the subscription compares its position with the group's last number.
/// So no event falls between the events read and the live events.</item>
/// </list>
/// If a page does not continue after the last sent event, retention has removed events that are still due. They are not
/// skipped: the connection is closed and the client resumes. The confirmation then gives the first number that is still
/// kept (<c>earliest</c>).
/// </remarks>
internal sealed partial class CatchUp(
    DeliveryRules rules, FeedReader reader, FairLimiter replays, QueueBudget queues,
    OutboundQueue outbound, IClientChannel client, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _ended = new();
    private readonly Queue<Subscription> _behind = [];
    private readonly RetryBackoff _backOff = new(FirstRetry, LongestRetry);
    private Task _reading = Task.CompletedTask;

    /// <summary>
    /// Starts reading for a subscription from its position, unless that is already in progress. Called under the
    /// connection's lock.
    /// </summary>
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

    /// <summary>Cancels the reading and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _reading;
        _ended.Dispose();
    }

    /// <summary>Never fails; <see cref="DisposeAsync"/> awaits it.</summary>
    private async Task ReadAsync()
    {
        SubscriptionMetrics.BeginReplay();
        try
        {
            while (DequeueNext() is { } subscription)
            {
                await TryCatchUpAsync(subscription);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The connection has ended.
        }
        catch (Exception e)
        {
            LogFault(e);
            client.Close(CloseReason.ServerFault);
        }
        finally
        {
            SubscriptionMetrics.EndReplay();
        }
    }

    // 1.
    private Subscription? DequeueNext()
    {
        lock (rules)
        {
            while (_behind.TryDequeue(out var subscription))
            {
                if (!subscription.HasEnded)
                {
                    return subscription;
                }
            }

            rules.OnAllCaughtUp();
            // Set under the lock, so that the next subscription that falls behind starts a new task.
            _reading = Task.CompletedTask;
            return null;
        }
    }

    private async Task TryCatchUpAsync(Subscription subscription)
    {
        try
        {
            await CatchUpOnePageAsync(subscription);
            _backOff.Reset();
        }
        catch (Exception e) when (Transient.Is(e))
        {
            LogNotRead(subscription.Key, e.Message);
            await Task.Delay(_backOff.Next(), time, _ended.Token);
            GoLiveOrRequeue(subscription);
        }
    }

    private async Task CatchUpOnePageAsync(Subscription subscription)
    {
        await outbound.WaitBelowWatermarkAsync(_ended.Token);
        ArraySegment<EventFrame> rest;
        using (await replays.AcquireAsync(subscription.Key.OrganizationId, _ended.Token))
        {
            if (await TryReadPageAsync(subscription) is not { } page)
            {
                return;
            }

            rest = page;
            Encode(page);
            Send(subscription, ref rest);
        }

        await SendRestAsync(subscription, rest);
        GoLiveOrRequeue(subscription);
    }

    /// <summary>
    /// Sends the rest of a page at the client's pace. Drops it if all clients together hold too much. The events are
    /// read again when the client has room.
    /// </summary>
    private async Task SendRestAsync(Subscription subscription, ArraySegment<EventFrame> rest)
    {
        if (rest.Count == 0)
        {
            return;
        }

        var held = rest.Sum(frame => frame.In(client.Encoding, client.CompressionWindow).Length);
        queues.Add(held);
        try
        {
            while (!Send(subscription, ref rest) && !queues.IsExceeded)
            {
                await outbound.WaitBelowWatermarkAsync(_ended.Token);
            }
        }
        finally
        {
            queues.Add(-held);
        }
    }

    // 2. Returns null if events that are due are no longer kept.
    private async Task<EventFrame[]?> TryReadPageAsync(Subscription subscription)
    {
        var feed = subscription.Membership!;
        // Taken before the page is read, so every event up to this number was committed before the read begins. None of
        // the numbers needs a lock: they only rise, and with an old value the page begins earlier or proves less.
        var known = Math.Max(feed.Last, subscription.Known);
        var after = subscription.Position;
        var page = await reader.ReadSharedAsync(feed.History, subscription.Key, after).WaitAsync(_ended.Token);
        SubscriptionMetrics.CountPage(page.Length);
        if (page.Length > 0 ? page[0].Number > after + 1 : after < known)
        {
            LogHistoryGone(subscription.Key, after + 1);
            client.Close(CloseReason.HistoryGone);
            return null;
        }

        return page;
    }

    /// <summary>
    /// Compresses a page before the connection's lock is taken. Otherwise a live event would wait for it, and with the
    /// event all listeners of its group.
    /// </summary>
    private void Encode(EventFrame[] page)
    {
        foreach (var frame in page)
        {
            frame.In(client.Encoding, client.CompressionWindow);
        }
    }

    // 3. Returns false if the rest of the page must wait for the client, and true if the page is done.
    private bool Send(Subscription subscription, ref ArraySegment<EventFrame> rest)
    {
        lock (rules)
        {
            for (; rest.Count > 0 && !subscription.HasEnded; rest = rest[1..])
            {
                if (!outbound.IsBelowWatermark)
                {
                    return false;
                }

                var frame = rest[0];
                var offered = rules.Offer(subscription, frame);
                if (offered == OfferResult.Settled)
                {
                    continue;
                }

                if (offered == OfferResult.LeftToOrganization)
                {
                    subscription.IsCatchingUp = false;
                }
                else if (offered == OfferResult.OrderGoesFirst)
                {
                    Begin(rules.OrderOf(frame)!);
                }

                // The rest of the page is dropped. Events that are still due are read again later.
                rest = [];
                break;
            }

            return true;
        }
    }

    // 4. No event is passed on meanwhile.
    private void GoLiveOrRequeue(Subscription subscription)
    {
        using var held = subscription.Membership!.Hold(out var last);
        lock (rules)
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

    [LoggerMessage(1310, LogLevel.Error,
        "Reading for a connection failed unexpectedly. The connection is closed with 1011")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(1311, LogLevel.Debug,
        "Events of {Feed} that are due to a connection could not be read: {Reason}. Retrying")]
    private partial void LogNotRead(FeedKey feed, string reason);

    [LoggerMessage(1312, LogLevel.Information,
        "Events of {Feed} from {Number} on are due to a connection, but the log no longer keeps them. The connection " +
        "is closed with 1013 and its client resumes")]
    private partial void LogHistoryGone(FeedKey feed, long number);
}
