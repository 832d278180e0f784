using System.Diagnostics;
using System.Globalization;

namespace OrdersActors;

/// <summary>
/// The trace of one publish call whose events are on their way through this process. Each hop adds its span to it.
/// </summary>
/// <remarks>
/// <para>Only a sampled call has one, so all other events cost a test for null. The spans of the hops are children of
/// the span in which the events were appended. If several traced events go together, the first one's trace gets the
/// spans of the following hops.</para>
/// <para>A front end in another process gets the context with the notification (<see cref="Send"/>,
/// <see cref="Receive"/>), because the events themselves carry nothing of it.</para>
/// Thread-safe. Each moment is set before the event reaches the next hop.
/// </remarks>
internal sealed class EventTrace(ActivityContext context)
{
    /// <summary>
    /// Most spans <c>distribute</c>, and most spans <c>frame</c>, in one process. A call may have events of many
    /// orders, and an organization with many clients has many groups of connections.
    /// </summary>
    public const int MaxSpans = 8;

    // The parent, a space, and the number of the event in the feed.
    private const string Header = "orders-trace";

    private long _committedAt;
    private long _pulledAt;
    private int _distributed;
    private int _sent;

    /// <summary>The span to which the spans of the hops belong.</summary>
    public ActivityContext Context => context;

    /// <summary>The trace of the current call; null if nobody samples it.</summary>
    public static EventTrace? OfCaller() =>
        EventTraces.Source.HasListeners() && EventTraces.Current is { } current
            ? new EventTrace(current.Context)
            : null;

    /// <summary>The events are committed.</summary>
    /// <param name="arrivedAt">When the call arrived.</param>
    /// <param name="partition">The partition of the log.</param>
    /// <param name="events">The number of events of the call.</param>
    public void Committed(long arrivedAt, int partition, int events)
    {
        _committedAt = Stopwatch.GetTimestamp();
        EventTraces.Add(
            "commit", context, arrivedAt, Tag("orders_actors.partition", partition),
            Tag("orders_actors.events", events));
    }

    /// <summary>The organization's grain has the first of the events. Further calls do nothing.</summary>
    public void Pulled()
    {
        if (_committedAt != 0 && Interlocked.CompareExchange(ref _pulledAt, Stopwatch.GetTimestamp(), 0) == 0)
        {
            EventTraces.Add("pull", context, _committedAt);
        }
    }

    /// <summary>A feed of a front end passes events on.</summary>
    public void Distributed()
    {
        if (Volatile.Read(ref _pulledAt) is not 0 and var pulledAt && IsBelow(ref _distributed))
        {
            EventTraces.Add("distribute", context, pulledAt);
        }
    }

    /// <summary>The connections of a group have the events.</summary>
    /// <param name="passedOnAt">When the feed began to pass them on.</param>
    /// <param name="connections">The number of connections.</param>
    public void Sent(long passedOnAt, int connections)
    {
        if (IsBelow(ref _sent))
        {
            EventTraces.Add("frame", context, passedOnAt, Tag("orders_actors.connections", connections));
        }
    }

    /// <summary>Whether one of the events has a trace, so that <see cref="Send"/> gives it to a call.</summary>
    public static bool IsTraced(EncodedOrderEvent[] events) =>
        EventTraces.Source.HasListeners() && Array.Exists(events, static e => e.Times.Origin.Trace is not null);

    /// <summary>Gives the first trace of the events to the grain call that the caller's method makes next.</summary>
    public static void Send(FeedKey feed, EncodedOrderEvent[] events)
    {
        if (!EventTraces.Source.HasListeners())
        {
            return;
        }

        if (Array.Find(events, static e => e.Times.Origin.Trace is not null) is { } traced)
        {
            var parent = traced.Times.Origin.Trace!.Context;
            RequestContext.Set(
                Header,
                string.Create(
                    CultureInfo.InvariantCulture, $"00-{parent.TraceId}-{parent.SpanId}-01 {feed.NumberOf(traced)}"));
        }
        else
        {
            RequestContext.Remove(Header);
        }
    }

    /// <summary>Takes the trace that came with a notification of events.</summary>
    public static void Receive(FeedKey feed, EncodedOrderEvent[] events)
    {
        if (EventTraces.Source.HasListeners() && RequestContext.Get(Header) is string header
            && header.Split(' ') is [var parent, var text]
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && ActivityContext.TryParse(parent, null, isRemote: true, out var sent)
            && Array.Find(events, e => feed.NumberOf(e) == number) is { } traced)
        {
            traced.Times = traced.Times with { Origin = new EventOrigin(0, new EventTrace(sent)) };
        }
    }

    private static bool IsBelow(ref int spans) =>
        Volatile.Read(ref spans) < MaxSpans && Interlocked.Increment(ref spans) <= MaxSpans;

    private static KeyValuePair<string, object?> Tag(string name, int value) => new(name, value);
}
