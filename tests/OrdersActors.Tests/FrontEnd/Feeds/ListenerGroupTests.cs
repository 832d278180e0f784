using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class ListenerGroupTests
{
    private static readonly FeedKey Order = new("shop", "o");

    private readonly FeedFanOut _feed = new(
        Order, new FeedHistory(FrontEndGrains.Epoch, new OtherEpochSignal()), new FakeTimeProvider());

    [Fact]
    public async Task All_listeners_of_a_large_feed_get_every_event_once_and_in_order()
    {
        const int Listeners = (3 * ListenerGroup.MaxListeners) + 1;
        const int Events = 400;
        _feed.OnRegistered(0);
        var listeners = Enumerable.Range(0, Listeners).Select(_ => Join()).ToList();
        for (var number = 1; number <= Events; number++)
        {
            _feed.OnEvents([FrontEndGrains.Event("o", number)]);
            if (number % 50 == 0 && number < Events)
            {
                // Joins while groups may still be delivering. It gets at least the last event.
                listeners.Add(Join());
            }
        }

        var late = listeners.Select(listener => listener.Last).ToArray();
        await Eventually.Holds(
            () => listeners.All(listener => listener.Numbers is [.., Events]), () => "a listener lacks the last event");
        Assert.All(listeners.Zip(late), pair =>
            Assert.Equal(Enumerable.Range((int)pair.Second + 1, Events - (int)pair.Second).Select(n => (long)n),
                pair.First.Numbers));
        Assert.Equal(Events, _feed.Last);
    }

    [Fact]
    public async Task Stages_are_recorded_once_for_each_group_of_listeners_and_for_events_that_go_together()
    {
        _feed.OnRegistered(0);
        var listeners = Enumerable.Range(0, (2 * ListenerGroup.MaxListeners) + 1).Select(_ => Join()).ToList();
        using var recorder = new StageRecorder();
        var now = EventStages.Now();
        _feed.OnEvents(
        [
            FrontEndGrains.Event("o", 1) with { Times = new EventTimes(now - 1, now) },
            FrontEndGrains.Event("o", 2) with { Times = new EventTimes(now, now) },
        ]);
        await Eventually.Holds(() => recorder.Stages.Length == 7, () => string.Join(' ', recorder.Stages));
        Assert.All(listeners, listener => Assert.Equal([1L, 2L], listener.Numbers));
        Assert.Single(recorder.Of("distribute"));
        Assert.Equal(3, recorder.Of("send").Length);
        Assert.Equal(3, recorder.Of("commit_to_frame").Length);
        Assert.True(recorder.Of("commit_to_frame").Min() > recorder.Of("distribute").Single());
    }

    [Fact]
    public void Joined_events_are_recorded_with_the_time_of_the_first_one()
    {
        var group = new ListenerGroup(0);
        var listener = new RecordingListener();
        group.Add(_feed, listener);
        using var recorder = new StageRecorder();
        using (listener.Membership!.Hold(out _))
        {
            var now = EventStages.Now();
            group.Post(new FrameBatch([Frame(1)], new FrameTimes(0, now - (10 * Stopwatch.Frequency))));
            group.Post(new FrameBatch([Frame(2)], new FrameTimes(now, now)));
        }

        group.NotifyLast(2);
        Assert.True(Assert.Single(recorder.Of("send")) >= 10);
        Assert.Equal(["send"], recorder.Stages);
    }

    [Fact]
    public void Joined_events_have_one_span_in_the_first_trace_of_them()
    {
        using var traces = new TraceRecorder();
        using var call = EventTraces.Begin("append", ActivityKind.Server)!;
        var origin = new EventOrigin(0, EventTrace.OfCaller());
        var group = new ListenerGroup(0);
        var listener = new RecordingListener();
        group.Add(_feed, listener);
        using (listener.Membership!.Hold(out _))
        {
            group.Post(new FrameBatch([Frame(1)]));
            group.Post(new FrameBatch([Frame(2)], new FrameTimes(0, Stopwatch.GetTimestamp(), origin)));
        }

        group.NotifyLast(2);
        var span = Assert.Single(traces.Of(call.TraceId));
        Assert.Equal("frame", span.OperationName);
        Assert.InRange(span.Duration, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void At_the_bound_the_thread_that_brings_events_delivers_those_that_wait()
    {
        var group = new ListenerGroup(0);
        var listener = new RecordingListener();
        group.Add(_feed, listener);
        var page = Enumerable.Range(1, 20_000).Select(number => Frame(number)).ToArray();
        Assert.True(page.Sum(frame => frame.Bytes.Length) > ListenerGroup.MaxWaitingBytes);
        group.Post(new FrameBatch(page));
        Assert.Equal(20_000, listener.Numbers.Length);
        Assert.Equal(20_000, group.Last);
    }

    [Fact]
    public void Waiting_events_come_before_the_last_number()
    {
        var group = new ListenerGroup(0);
        var listener = new RecordingListener();
        group.Add(_feed, listener);
        using (listener.Membership!.Hold(out _))
        {
            group.Post(new FrameBatch([Frame(1)]));
            group.Post(new FrameBatch([Frame(2)]));
        }

        group.NotifyLast(2);
        Assert.Equal([1L, 2L], listener.Numbers);
        Assert.Equal(2, listener.Last);
    }

    [Fact]
    public void Ended_group_delivers_nothing_more()
    {
        var group = new ListenerGroup(0);
        var listener = new RecordingListener();
        group.Add(_feed, listener);
        group.End();
        group.Deliver(new FrameBatch([Frame(1)]));
        Assert.Empty(listener.Numbers);
    }

    private static EventFrame Frame(long number) => new(Order, FrontEndGrains.Event("o", number));

    private RecordingListener Join()
    {
        var listener = new RecordingListener();
        Assert.True(_feed.TryJoin(listener));
        return listener;
    }
}
