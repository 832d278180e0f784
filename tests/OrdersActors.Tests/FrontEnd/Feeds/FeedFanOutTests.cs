using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class FeedFanOutTests
{
    private static readonly FeedKey Order = new("shop", "o");

    private readonly FakeTimeProvider _time = new();
    private readonly FeedHistory _history = new(FrontEndGrains.Epoch, new OtherEpochSignal());
    private readonly FeedFanOut _feed;

    public FeedFanOutTests() => _feed = new FeedFanOut(Order, _history, _time);

    [Fact]
    public void Each_event_after_the_head_is_passed_on_once_and_in_order()
    {
        _feed.OnRegistered(3);
        var listener = Join();
        Assert.Equal(3, listener.Last);
        Assert.False(Pass(2, 3, 4, 5));
        Assert.False(Pass(4, 5, 6));
        Assert.Equal([4L, 5L, 6L], listener.Numbers);
        Assert.Equal(6, _feed.Last);
    }

    [Fact]
    public void Gap_stops_the_fan_out_until_it_is_filled()
    {
        _feed.OnRegistered(3);
        var listener = Join();
        Assert.True(Pass(4, 6, 7));
        Assert.Equal((4, 7), _feed.FindGap());
        _feed.FillGap([Frame(5), Frame(6)]);
        Assert.Equal((6, 7), _feed.FindGap());
        _feed.FillGap([Frame(7)]);
        Assert.Null(_feed.FindGap());
        Assert.Equal([4L, 5L, 6L, 7L], listener.Numbers);
    }

    [Fact]
    public void Gap_whose_events_are_no_longer_kept_ends_at_the_newest_event_that_was_seen()
    {
        _feed.OnRegistered(3);
        var listener = Join();
        Assert.True(Pass(7));
        _feed.FillGap([]);
        Assert.Equal(7, listener.Last);
        Assert.Null(_feed.FindGap());
        Assert.False(Pass(8));
        Assert.Equal([8L], listener.Numbers);
    }

    [Fact]
    public void Events_that_come_before_the_registration_is_answered_leave_a_gap()
    {
        Assert.False(Pass(5));
        Assert.Null(_feed.FindGap());
        Assert.True(_feed.OnRegistered(4));
        Assert.Equal((4, 5), _feed.FindGap());
    }

    [Fact]
    public void Confirmed_registration_shows_missed_events()
    {
        _feed.OnRegistered(3);
        var listener = Join();
        Assert.False(_feed.OnRegistered(3));
        Assert.True(_feed.OnRegistered(5));
        Assert.Equal(3, listener.Last);
        Assert.Equal((3, 5), _feed.FindGap());
    }

    [Fact]
    public void Event_of_another_epoch_is_dropped()
    {
        _feed.OnRegistered(3);
        var listener = Join();
        Assert.False(_feed.OnEvents([FrontEndGrains.Event("o", 4) with { Epoch = "another" }]));
        Assert.False(_feed.OnEvents([FrontEndGrains.Event("o", 9) with { Epoch = "another" }]));
        Assert.Empty(listener.Numbers);
        Assert.Null(_feed.FindGap());
    }

    [Fact]
    public void Listeners_that_leave_in_any_order_do_not_affect_others()
    {
        _feed.OnRegistered(1);
        var staying = Join();
        var random = new Random(1);
        var joined = new List<RecordingListener>();
        for (var number = 2; number < 200; number++)
        {
            if (joined.Count < 5 || random.Next(3) > 0)
            {
                joined.Add(Join());
            }
            else
            {
                var leaving = joined[random.Next(joined.Count)];
                joined.Remove(leaving);
                leaving.Membership!.Leave();
                leaving.Membership!.Leave();
                Pass(number);
                Assert.DoesNotContain(number, leaving.Numbers);
                continue;
            }

            Pass(number);
            Assert.All(joined, listener => Assert.Equal(number, listener.Numbers[^1]));
            Assert.Equal(0, _feed.IdleSince);
        }

        joined.ForEach(listener => listener.Membership!.Leave());
        Assert.Equal(0, _feed.IdleSince);
        Assert.Equal(Numbers(2, 199), staying.Numbers);
    }

    [Fact]
    public void Feed_is_idle_and_may_end_only_without_listeners()
    {
        _feed.OnRegistered(1);
        Assert.NotEqual(0, _feed.IdleSince);
        var listener = Join();
        Assert.Equal(0, _feed.IdleSince);
        Assert.False(_feed.TryRetire());
        _time.Advance(TimeSpan.FromSeconds(7));
        listener.Membership!.Leave();
        Assert.Equal(_time.GetTimestamp(), _feed.IdleSince);
        Assert.True(_feed.TryRetire());
        Assert.False(_feed.TryJoin(new RecordingListener()));
    }

    [Fact]
    public void Denied_feed_notifies_its_listeners_and_passes_on_nothing_more()
    {
        _feed.OnRegistered(1);
        var listener = Join();
        _feed.Deny();
        Assert.True(listener.IsDenied);
        Assert.False(Pass(2));
        Assert.Empty(listener.Numbers);
        Assert.False(_feed.TryJoin(new RecordingListener()));
        Assert.True(_feed.TryRetire());
        listener.Membership!.Leave();
    }

    [Fact]
    public void Feed_of_an_ended_history_accepts_no_listener()
    {
        _feed.OnRegistered(1);
        _history.End();
        Assert.False(_feed.TryJoin(new RecordingListener()));
    }

    [Fact]
    public async Task No_event_is_passed_on_while_the_feed_is_held()
    {
        _feed.OnRegistered(1);
        var listener = Join();
        Task passing;
        using (listener.Membership!.Hold(out var last))
        {
            Assert.Equal(1, last);
            passing = Task.Run(() => Pass(2), TestContext.Current.CancellationToken);
            Thread.Sleep(20);
            Assert.Empty(listener.Numbers);
        }

        await passing;
        Assert.Equal([2L], listener.Numbers);
    }

    private RecordingListener Join()
    {
        var listener = new RecordingListener();
        Assert.True(_feed.TryJoin(listener));
        return listener;
    }

    private bool Pass(params long[] numbers) =>
        _feed.OnEvents([.. numbers.Select(number => FrontEndGrains.Event("o", number))]);

    private static EventFrame Frame(long number) => new(Order, FrontEndGrains.Event("o", number));
}
