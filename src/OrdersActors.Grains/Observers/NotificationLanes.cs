namespace OrdersActors.Grains.Observers;

/// <summary>
/// Notifies front ends in other processes. Notifications that come while a call to the same observer is under way share
/// the next call: under load, messages between processes cost more than the events.
/// </summary>
/// <remarks>
/// <code>
///   notification ─┬─ no call under way ──► OnEvents, at once ─────────────────────────────┐
///                 └─ else wait ──► one of the waiting ones sends all: OnFeedEvents ───────┴──► the next ones
/// </code>
/// <list type="bullet">
/// <item>Each call is made by one of its notifications, so each call is awaited by its caller.</item>
/// <item>A feed has one notification at a time, so its events stay in order (<see cref="ObserverLease"/>).</item>
/// <item>If a call fails, its notifications fail. Those that wait follow with the next call, so each of them learns the
/// state of the front end by itself. A call is answered or fails within its timeout.</item>
/// <item>Waiting notifications are bounded in bytes for each observer. At the bound a notification makes a call of its
/// own at once.</item>
/// <item>A traced notification makes a call of its own, because a call carries one trace.</item>
/// <item>A front end of a previous version does not know <see cref="IOrderEventObserver.OnFeedEvents"/>. Then each
/// notification makes a call of its own.</item>
/// </list>
/// Thread-safe. No code under the lock takes another lock.
/// </remarks>
internal sealed class NotificationLanes
{
    private readonly Lock _lock = new();

    // An observer has a lane while a call to it is under way. The lane of an observer that does not know OnFeedEvents
    // stays, so that it gets such a call only once. Used under the lock, and so are the lanes.
    private readonly Dictionary<IOrderEventObserver, NotificationLane> _lanes = [];

    /// <summary>The number of observers that are being notified, or that do not know the call.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _lanes.Count;
            }
        }
    }

    /// <summary>
    /// Sends events of a feed. Returns when the front end has them, and fails like
    /// <see cref="IOrderEventObserver.OnEvents"/>.
    /// </summary>
    public async Task SendAsync(IOrderEventObserver observer, FeedKey feed, EncodedOrderEvent[] events)
    {
        var notification = new Notification(new FeedEvents(feed, events));
        // A turn comes on any thread, so that the next ones get theirs also if this caller's grain is leaving.
        var turn = Enter(observer, notification) ?? await notification.Turn.ConfigureAwait(false);
        if (turn.ToSend.Count > 0)
        {
            await SendAsync(observer, turn).ConfigureAwait(false);
        }
    }

    /// <summary>Returns what the caller must send now; null if it must wait for its turn.</summary>
    private NotificationTurn? Enter(IOrderEventObserver observer, Notification notification)
    {
        if (EventTrace.IsTraced(notification.Content.Events))
        {
            return NotificationTurn.Alone(notification);
        }

        lock (_lock)
        {
            if (!_lanes.TryGetValue(observer, out var lane))
            {
                _lanes.Add(observer, lane = new NotificationLane());
                return new NotificationTurn([notification], lane);
            }

            return lane.TryAdd(notification) ? null : NotificationTurn.Alone(notification);
        }
    }

    /// <summary>Makes a call for its first notification, answers the others, and passes the turn on.</summary>
    private async Task SendAsync(IOrderEventObserver observer, NotificationTurn turn)
    {
        int[] failed;
        try
        {
            failed = await CallAsync(observer, turn.ToSend).ConfigureAwait(false);
        }
        catch (Exception e) when (turn is { Lane: { } lane, ToSend.Count: > 1 } && UnknownMethod.Is(e))
        {
            SendEachAlone(lane, turn.ToSend);
            await SendAsync(observer, new NotificationTurn(turn.ToSend[..1], lane)).ConfigureAwait(false);
            return;
        }
        catch (Exception e)
        {
            PassOn(observer, turn.Lane);
            turn.ToSend.Skip(1).ToList().ForEach(other => other.Fail(e));
            throw;
        }

        PassOn(observer, turn.Lane);
        for (var i = 1; i < turn.ToSend.Count; i++)
        {
            turn.ToSend[i].Answer(failed.Contains(i) ? NotTaken() : null);
        }

        if (failed.Contains(0))
        {
            throw NotTaken();
        }
    }

    private static async Task<int[]> CallAsync(IOrderEventObserver observer, List<Notification> group)
    {
        var (feed, events) = group[0].Content;
        EventTrace.Send(feed, events);
        if (group.Count > 1)
        {
            return await observer.OnFeedEvents([.. group.Select(each => each.Content)]).ConfigureAwait(false);
        }

        await observer.OnEvents(feed, events).ConfigureAwait(false);
        return [];
    }

    /// <summary>Gives the turn to the waiting notifications. Without any, the lane ends, unless it is closed.</summary>
    private void PassOn(IOrderEventObserver observer, NotificationLane? lane)
    {
        if (lane is null)
        {
            return;
        }

        List<Notification> next;
        lock (_lock)
        {
            next = lane.Take();
            if (next.Count == 0)
            {
                if (!lane.IsClosed)
                {
                    _lanes.Remove(observer);
                }

                return;
            }
        }

        next[0].Lead(new NotificationTurn(next, lane));
    }

    /// <summary>The observer does not know the call. All but the first notification make a call of their own.</summary>
    private void SendEachAlone(NotificationLane lane, List<Notification> group)
    {
        List<Notification> others = group[1..];
        lock (_lock)
        {
            others.AddRange(lane.Close());
        }

        others.ForEach(other => other.Lead(NotificationTurn.Alone(other)));
    }

    private static OrleansException NotTaken() => new("the front end failed to take the events of the feed");
}
