using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>Answers a <c>subscribe</c>: one confirmation or error for each of its entries, in their order.</summary>
/// <remarks>
/// <code>
///   Connection ──► RequestHandler ──► 1 this class ──► 2 ConnectionSubscriptions ──► 3 FeedTable ──► 4 Feed
///   client ◄── 7 DeliveryRules ◄── 6 ConnectionSubscriptions ◄── 5 FeedFanOut ◄──────────────────────┘
/// </code>
/// <list type="number">
/// <item>Checks permissions (<see cref="AccessRules"/>) and limits, and reads the feed's bounds if the client
/// resumes.</item>
/// <item>Creates the subscription and its listener (<see cref="ConnectionSubscriptions.AddAsync"/>).</item>
/// <item>Finds or creates the feed (<see cref="FeedTable.JoinAsync"/>).</item>
/// <item>Registers the feed with its grain if no other connection has (<see cref="Feed.JoinAsync"/>).</item>
/// <item>Adds the listener under the lock of its group (<see cref="FeedFanOut.TryJoin"/>).</item>
/// <item>The listener learns the feed's last number (<see cref="IFeedListener.OnJoined"/>).</item>
/// <item>The confirmation is sent (<see cref="DeliveryRules.Begin"/>), and every event after that number is due.</item>
/// </list>
/// <para>Each entry is confirmed or refused, or the connection is closed. An entry that cannot be answered because a
/// silo or the log is unreachable is retried with back-off. After <see cref="Deadlines.Subscribe"/> the connection is
/// closed with 1013, and the client reconnects, perhaps to another server that works. So a subscribe is never answered
/// with <c>unavailable</c> on a connection that stays open.</para>
/// <para>In a message with many entries, up to <see cref="MaxLookups"/> entries are looked up in the log while earlier
/// ones are answered. The decisions, including the limit of subscriptions, are made one after the other.</para>
/// <para>Before an entry is looked up, the guard decides whether the client may try another order id. The guard also
/// counts each denial (<see cref="GuessGuard"/>).</para>
/// <para>When the message is handled, all work for it has ended. An attempt that outlasts the deadline ends by the
/// timeouts of its calls. Its result is dropped with the connection's subscriptions.</para>
/// </remarks>
internal sealed class SubscribeHandler(
    ConnectionSubscriptions subscriptions, ConcurrencyLimiter limiter, GuessGuard guard, FrontEndOptions options,
    TimeProvider time, IClientChannel client)
{
    private const int MaxLookups = 8;

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(2);

    /// <summary>Answers all entries of a message.</summary>
    /// <exception cref="RequestException">The message is refused as a whole.</exception>
    public async Task HandleAsync(ClientIdentity identity, ClientMessage message)
    {
        var entries = message.Entries;
        if (entries.Count > options.MaxSubscriptions)
        {
            throw new RequestException(
                ProtocolError.InvalidMessage,
                $"orders must have at most {options.MaxSubscriptions} elements, has {entries.Count}");
        }

        guard.BeginMessage();
        var ahead = new Queue<(SubscribeEntry Entry, Task<FeedBounds?>? Lookup)>();
        var most = entries.Count > 1 ? MaxLookups : 1;
        try
        {
            var next = 0;
            for (var i = 0; i < entries.Count && !client.IsClosing; i++)
            {
                for (; next < Math.Min(i + most, entries.Count); next++)
                {
                    var admitted = Admit(identity, entries[next]);
                    ahead.Enqueue((admitted, most > 1 ? StartLookup(identity, admitted) : null));
                }

                var (entry, lookup) = ahead.Dequeue();
                await AnswerAsync(identity, message.Id, entry, lookup);
            }
        }
        finally
        {
            foreach (var (_, lookup) in ahead)
            {
                await ((Task?)lookup ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Refuses an entry if the client has tried too many orders in vain.</summary>
    private SubscribeEntry Admit(ClientIdentity identity, SubscribeEntry entry) =>
        subscriptions.Contains(new FeedKey(identity.OrganizationId, entry.OrderId))
            ? entry
            : guard.Admit(identity, entry);

    /// <summary>Looks up an entry in the log ahead of its answer; null if no lookup is needed.</summary>
    private Task<FeedBounds?>? StartLookup(ClientIdentity identity, SubscribeEntry entry)
    {
        var feed = new FeedKey(identity.OrganizationId, entry.OrderId);
        return RefusalOf(identity, entry) is not null || subscriptions.Contains(feed)
            ? null
            : GetBoundsAsync(feed, AccessRules.MayAwait(identity, entry.OrderId));
    }

    private async Task<FeedBounds?> GetBoundsAsync(FeedKey feed, bool mayAwait)
    {
        using var permit = await limiter.AcquireAsync(CancellationToken.None);
        return await subscriptions.GetBoundsAsync(feed, mayAwait);
    }

    private static Refusal? RefusalOf(ClientIdentity identity, SubscribeEntry entry) =>
        entry.Refusal ?? AccessRules.FindRefusal(identity, entry.OrderId);

    /// <summary>Answers one entry, or closes the connection.</summary>
    private async Task AnswerAsync(ClientIdentity identity, string? id, SubscribeEntry entry, Task<FeedBounds?>? lookup)
    {
        var began = time.GetTimestamp();
        // Half of each delay is random, so that the clients of a front end do not retry all at once.
        var backOff = new RetryBackoff(FirstBackOff, LongestBackOff, jitter: 0.5);
        while (!client.IsClosing)
        {
            var attempt = TryAsync(identity, id, entry, lookup);
            if (await TryFinishAsync(attempt, began, identity, id, entry))
            {
                return;
            }

            // The next attempt looks up the log itself.
            lookup = null;
            var left = LeftSince(began);
            var length = backOff.Next();
            await Task.Delay(length < left ? length : left, time);
            if (length >= left)
            {
                SubscriptionMetrics.CountSubscribe(ProtocolError.Unavailable.Code);
                client.Close(CloseReason.SubscribeUndecided);
            }
        }
    }

    /// <summary>
    /// Waits for the end of an attempt. If it does not end before the deadline, the connection is closed and the wait
    /// continues. Returns false if the attempt may be retried.
    /// </summary>
    private async Task<bool> TryFinishAsync(
        Task<Refusal?> attempt, long began, ClientIdentity identity, string? id, SubscribeEntry entry)
    {
        if (!attempt.IsCompleted)
        {
            Task inTime = attempt.WaitAsync(LeftSince(began), time);
            await inTime.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!attempt.IsCompleted)
        {
            SubscriptionMetrics.CountSubscribe(ProtocolError.Unavailable.Code);
            client.Close(CloseReason.SubscribeUndecided);
        }

        try
        {
            var refusal = await attempt;
            if (!client.IsClosing)
            {
                SubscriptionMetrics.CountSubscribe(refusal?.Code.Code ?? SubscriptionMetrics.Confirmed);
            }

            if (refusal is not null)
            {
                // Outside of the limiter, so that waiting takes no slot.
                await guard.OnRefusedAsync(identity, entry, refusal);
                client.Send(ServerFrames.Error(
                    id, refusal.Code, refusal.Message, entry.OrderId, refusal.RetryAfter));
            }

            return true;
        }
        catch (Exception e) when (Transient.Is(e))
        {
            return false;
        }
    }

    private TimeSpan LeftSince(long began)
    {
        var left = Deadlines.Subscribe - time.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Subscribes and confirms. Returns the refusal if the subscription is denied; else null.</summary>
    private async Task<Refusal?> TryAsync(
        ClientIdentity identity, string? id, SubscribeEntry entry, Task<FeedBounds?>? lookup)
    {
        using var permit = await limiter.AcquireAsync(CancellationToken.None);
        var feed = new FeedKey(identity.OrganizationId, entry.OrderId);
        if (RefusalOf(identity, entry) is { } refusal)
        {
            return refusal;
        }

        if (subscriptions.Contains(feed))
        {
            // The subscription is only confirmed again. It continues from its position.
            client.Send(ServerFrames.Subscription(id, entry.OrderId, subscribed: true));
            return null;
        }

        if (subscriptions.Count >= options.MaxSubscriptions)
        {
            return new Refusal(
                ProtocolError.TooManySubscriptions, $"at most {options.MaxSubscriptions} on one connection");
        }

        var mayAwait = AccessRules.MayAwait(identity, entry.OrderId);
        if (entry.Resume is null && lookup is null)
        {
            var plain = ServerFrames.Subscription(id, entry.OrderId, subscribed: true);
            return await subscriptions.AddAsync(feed, after: null, plain, mayAwait: mayAwait) ? null : NoSuchOrder;
        }

        return await (lookup ?? subscriptions.GetBoundsAsync(feed, mayAwait)) is { } bounds
            ? await ResumeAsync(feed, id, entry, bounds, mayAwait)
            : NoSuchOrder;
    }

    private async Task<Refusal?> ResumeAsync(
        FeedKey feed, string? id, SubscribeEntry entry, FeedBounds bounds, bool mayAwait)
    {
        var resumed = entry.Resume?.In(bounds);
        if (resumed is null && entry.Resume is not null)
        {
            return new Refusal(
                ProtocolError.InvalidMessage,
                $"after is {entry.Resume.After}, but the newest event is {bounds.Last}; begin again with \"after\": 0");
        }

        var confirmation = ServerFrames.Subscription(id, entry.OrderId, subscribed: true, resumed);
        if (!await subscriptions.AddAsync(feed, resumed?.Position, confirmation, bounds, mayAwait))
        {
            return NoSuchOrder;
        }

        if (entry.Resume?.After is not null)
        {
            SubscriptionMetrics.CountResume(resumed!.Earliest is null);
        }

        return null;
    }

    private static Refusal NoSuchOrder { get; } = new(ProtocolError.AccessDenied, "no such order in your organization");
}
