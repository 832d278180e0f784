using System.Diagnostics;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Abstractions;

public sealed class EventTraceTests
{
    private static readonly FeedKey Order = new("shop", "o");

    [Fact]
    public void Call_has_no_trace_if_nobody_listens_or_samples()
    {
        Assert.Null(EventTraces.Begin("publish", ActivityKind.Producer));
        using var caller = new Activity("caller") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
        Assert.Null(EventTrace.OfCaller());
        using var recorder = new TraceRecorder(samplesRoots: false);
        Assert.NotNull(EventTrace.OfCaller());
        caller.ActivityTraceFlags = ActivityTraceFlags.None;
        Assert.Null(EventTrace.OfCaller());
        Assert.Null(EventTraces.Begin("publish", ActivityKind.Producer));
    }

    [Fact]
    public void Each_hop_is_a_span_of_the_call_with_its_time()
    {
        using var recorder = new TraceRecorder();
        using var call = EventTraces.Begin("append", ActivityKind.Server)!;
        var trace = EventTrace.OfCaller()!;
        var arrived = Stopwatch.GetTimestamp() - Stopwatch.Frequency;
        trace.Committed(arrived, partition: 3, events: 2);
        trace.Pulled();
        trace.Pulled();
        trace.Distributed();
        trace.Sent(arrived, connections: 7);
        Assert.Same(call, Activity.Current);
        Assert.Equal(["commit", "pull", "distribute", "frame"], recorder.NamesOf(call.TraceId));
        var spans = recorder.Of(call.TraceId);
        Assert.All(spans, span => Assert.Equal(call.SpanId, span.ParentSpanId));
        Assert.InRange(spans[0].Duration, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal(3, spans[0].GetTagItem("orders_actors.partition"));
        Assert.Equal(7, spans[3].GetTagItem("orders_actors.connections"));
    }

    [Fact]
    public void Spans_of_large_fan_outs_are_limited()
    {
        using var recorder = new TraceRecorder();
        using var call = EventTraces.Begin("append", ActivityKind.Server)!;
        var trace = EventTrace.OfCaller()!;
        trace.Committed(1, 0, 1);
        trace.Pulled();
        for (var i = 0; i < 3 * EventTrace.MaxSpans; i++)
        {
            trace.Distributed();
            trace.Sent(1, 1);
        }

        Assert.Equal(2 + (2 * EventTrace.MaxSpans), recorder.Of(call.TraceId).Length);
    }

    [Fact]
    public void Trace_travels_with_a_notification_to_the_event_that_has_it()
    {
        using var recorder = new TraceRecorder();
        using var call = EventTraces.Begin("append", ActivityKind.Server)!;
        var traced = FrontEndGrains.Event("o", 2);
        traced.Times = new EventTimes(0, 0, new EventOrigin(0, EventTrace.OfCaller()));
        EventTrace.Send(Order, [FrontEndGrains.Event("o", 1), traced]);

        EncodedOrderEvent[] received = [FrontEndGrains.Event("o", 1), FrontEndGrains.Event("o", 2)];
        EventTrace.Receive(Order, received);
        Assert.Null(received[0].Times.Origin.Trace);
        Assert.Equal(call.TraceId, received[1].Times.Origin.Trace!.Context.TraceId);
        Assert.Equal(call.SpanId, received[1].Times.Origin.Trace!.Context.SpanId);

        // The next notification has no traced event.
        EventTrace.Send(Order, [FrontEndGrains.Event("o", 3)]);
        received = [FrontEndGrains.Event("o", 3)];
        EventTrace.Receive(Order, received);
        Assert.Null(received[0].Times.Origin.Trace);
    }

    [Fact]
    public void Events_are_equal_whatever_their_origin()
    {
        var e = new OrderEvent
        {
            OrganizationId = "shop",
            OrderId = "o",
            Version = 1,
            Sequence = 1,
            Id = "1",
            Status = "s",
            OccurredAt = DateTimeOffset.UnixEpoch,
        };
        Assert.Equal(e, e with { Origin = new EventOrigin(5, new EventTrace(default)) });
        Assert.True(new EventOrigin(1, null) == default);
    }
}
