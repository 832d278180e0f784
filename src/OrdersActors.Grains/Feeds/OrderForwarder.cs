using Microsoft.Extensions.Logging;
using OrdersActors.Grains.Observers;

namespace OrdersActors.Grains.Feeds;

/// <summary>
/// Passes an organization's events on to the grains of its watched orders. The organization's grain does not wait for
/// it: a slow or unreachable order delays neither its organization nor the other orders.
/// </summary>
/// <remarks>
/// <para>If the order's grain is on this silo, its observers are notified at once (<see cref="LocalOrders"/>).
/// Otherwise the order's grain is called.</para>
/// <para>Each order has at most one delivery in progress. Events that arrive meanwhile wait in a queue
/// (<see cref="PendingEvents"/>) and are sent together. An order without a delivery has no state here.</para>
/// <para>A delivery is tried three times and then given up, after at most 17.2 seconds: five per call, and 0.2 and 2
/// between the calls. The queue of each order is bounded, and so is the sum of all queues. Clients still get the events
/// that are given up or dropped: the order's front ends see the gap in the versions at the next event, or the head at
/// the next renewal, and read the log.</para>
/// <para>If this silo dies, the waiting events are lost, and the stream does not deliver them again, because the
/// checkpoint may have passed them. Every front end notices the death of a silo within seconds and registers all its
/// feeds again, on whichever silo their grains are. Each registration then reads the head from the log, and the head
/// shows which events are missing. If only the grain is deactivated, it waits up to five seconds for its deliveries and
/// queues (<see cref="DrainAsync"/>), and gives up the rest.</para>
/// Used only from the organization grain's scheduler. The deliveries interleave there at their awaits, and each changes
/// its lane and the sum of the queues without an await in between.
/// </remarks>
internal sealed partial class OrderForwarder(
    string organizationId, WatchedOrders watched, LocalOrders local, OrderGrainOptions options, IGrainFactory grains,
    TimeProvider time, ILogger<OrderForwarder> logger)
{
    private const int MaxAttempts = 3;

    // 0.2 s before the second attempt, 2 s before the third.
    private const double RetryDelayFactor = 10;
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Lane> _lanes = [];
    private long _waitingBytes;

    /// <summary>
    /// Passes events on, in the order in which they are given. They may be older than those of an earlier call
    /// (<see cref="MissedEvents"/>). Does not wait.
    /// </summary>
    public void Forward(EncodedOrderEvent[] events)
    {
        if (events.Length == 1)
        {
            if (watched.Contains(events[0].OrderId))
            {
                Forward(events[0].OrderId, events);
            }

            return;
        }

        foreach (var order in events.Where(e => watched.Contains(e.OrderId)).GroupBy(e => e.OrderId))
        {
            Forward(order.Key, [.. order]);
        }
    }

    /// <summary>Drops the waiting events: their numbers belong to an epoch that has ended.</summary>
    public void Clear()
    {
        foreach (var lane in _lanes.Values)
        {
            lane.Waiting?.Clear();
        }

        _waitingBytes = 0;
    }

    /// <summary>
    /// Waits for all deliveries and queues, with a short timeout because the grain is being deactivated.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_lanes.Values.Select(lane => lane.Sending))
            .WaitAsync(Deadlines.StopDeliveries, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_lanes.Count > 0)
        {
            LogNotDrained(organizationId, _lanes.Count);
        }
    }

    private void Forward(string orderId, EncodedOrderEvent[] events)
    {
        if (_lanes.TryGetValue(orderId, out var lane))
        {
            Enqueue(lane, events);
            return;
        }

        if (local.TryOffer(new FeedKey(organizationId, orderId), events))
        {
            return;
        }

        lane = new Lane();
        _lanes.Add(orderId, lane);
        if (!PendingEvents.FitsOneCall(events.Length, PendingEvents.SizeOf(events)))
        {
            Enqueue(lane, events);
            events = Take(lane);
        }

        lane.Sending = SendAsync(orderId, lane, events);
    }

    private void Enqueue(Lane lane, EncodedOrderEvent[] events)
    {
        lane.Waiting ??= new PendingEvents(options.MaxPendingPerObserver, options.MaxPendingBytesPerObserver);
        _waitingBytes -= lane.Waiting.Bytes;
        foreach (var e in events)
        {
            lane.Waiting.Add(e);
        }

        if (_waitingBytes + lane.Waiting.Bytes > options.MaxPendingBytesForOrders)
        {
            lane.Waiting.KeepNewest();
        }

        _waitingBytes += lane.Waiting.Bytes;
    }

    private EncodedOrderEvent[] Take(Lane lane)
    {
        _waitingBytes -= lane.Waiting!.Bytes;
        var events = lane.Waiting.Take();
        _waitingBytes += lane.Waiting.Bytes;
        return events;
    }

    /// <summary>Delivers until the queue is empty. Never fails; the lane owns the task.</summary>
    private async Task SendAsync(string orderId, Lane lane, EncodedOrderEvent[] events)
    {
        var order = grains.Find<IOrderDelivery>(new FeedKey(organizationId, orderId).GrainKey);
        while (true)
        {
            await DeliverAsync(order, orderId, events);
            if (lane.Waiting is not { Count: > 0 })
            {
                _lanes.Remove(orderId);
                return;
            }

            events = Take(lane);
        }
    }

    private async Task DeliverAsync(IOrderDelivery order, string orderId, EncodedOrderEvent[] events)
    {
        RetryBackoff? backoff = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await order.Deliver(organizationId, events);
                return;
            }
            catch (Exception e) when (attempt < MaxAttempts)
            {
                LogRetry(e, orderId, organizationId);
            }
            catch (Exception e)
            {
                LogGivenUp(e, orderId, organizationId, events[^1].Version);
                return;
            }

            backoff ??= new RetryBackoff(FirstRetryDelay, LongestRetryDelay, RetryDelayFactor);
            await backoff.WaitAsync(time);
        }
    }

    /// <summary>One order's deliveries.</summary>
    private sealed class Lane
    {
        public PendingEvents? Waiting { get; set; }

        public Task Sending { get; set; } = Task.CompletedTask;
    }

    [LoggerMessage(1210, LogLevel.Debug, "Order {OrderId} of {OrganizationId} could not be reached. Retrying")]
    private partial void LogRetry(Exception exception, string orderId, string organizationId);

    [LoggerMessage(1211, LogLevel.Warning,
        "Order {OrderId} of {OrganizationId} could not be notified of version {Version}. Its front ends read the " +
        "log at its next event or renewal")]
    private partial void LogGivenUp(Exception exception, string orderId, string organizationId, long version);

    [LoggerMessage(1212, LogLevel.Warning,
        "Organization {OrganizationId} leaves this silo before the events for {Count} orders are delivered. Their " +
        "front ends read the log at the next event or renewal")]
    private partial void LogNotDrained(string organizationId, int count);
}
