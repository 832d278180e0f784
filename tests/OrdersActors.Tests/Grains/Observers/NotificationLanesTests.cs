using System.Diagnostics;
using OrdersActors.Grains.Observers;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Observers;

public sealed class NotificationLanesTests
{
    private readonly NotificationLanes _lanes = new();
    private readonly FrontEnd _frontEnd = new();

    [Fact]
    public async Task Notifications_that_come_during_a_call_share_the_next_one()
    {
        Task[] sending = [Send("a"), Send("b"), Send("c"), Send("d")];
        Assert.Equal(["a"], _frontEnd.Calls);
        _frontEnd.Answer(0);
        await CalledAsync(2);
        Assert.Equal("b c d", _frontEnd.Calls[1]);
        Assert.True(sending[0].IsCompletedSuccessfully);
        _frontEnd.Answer(1);
        await Task.WhenAll(sending);
        Assert.Equal(0, _lanes.Count);
    }

    [Fact]
    public async Task Observers_do_not_wait_for_each_other()
    {
        var other = new FrontEnd();
        Task[] sending = [Send("a"), _lanes.SendAsync(other, Feed("b"), Events())];
        Assert.Equal(["b"], other.Calls);
        _frontEnd.Answer(0);
        other.Answer(0);
        await Task.WhenAll(sending);
    }

    [Fact]
    public async Task Failed_call_fails_its_notifications_and_not_those_that_wait()
    {
        Task[] sending = [Send("a"), Send("b"), Send("c")];
        _frontEnd.Answer(0);
        await CalledAsync(2);
        var later = Send("d");
        _frontEnd.Fail(1, new TimeoutException("no answer"));
        await Assert.ThrowsAsync<TimeoutException>(() => sending[1]);
        await Assert.ThrowsAsync<TimeoutException>(() => sending[2]);
        await CalledAsync(3);
        _frontEnd.Answer(2);
        await later;
        Assert.Equal(0, _lanes.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Feed_that_was_not_notified_fails_alone(int failed)
    {
        Task[] sending = [Send("a"), Send("b"), Send("c")];
        _frontEnd.Answer(0);
        await CalledAsync(2);
        _frontEnd.Answer(1, failed);
        await Assert.ThrowsAsync<OrleansException>(() => sending[1 + failed]);
        await sending[2 - failed];
    }

    [Fact]
    public async Task Front_end_of_a_previous_version_gets_a_call_for_each_feed()
    {
        Task[] sending = [Send("a"), Send("b"), Send("c")];
        _frontEnd.Answer(0);
        await CalledAsync(2);
        sending = [.. sending, Send("d")];
        _frontEnd.Fail(1, new TypeLoadException("OnFeedEvents"));
        await CalledAsync(5);
        Assert.Equal(["a", "b c"], _frontEnd.Calls[..2]);
        Assert.Equal(["b", "c", "d"], _frontEnd.Calls[2..].Order());
        _frontEnd.AnswerAll();
        await Task.WhenAll(sending);

        // It is not tried again.
        sending = [Send("e"), Send("f"), Send("g")];
        Assert.Equal(["e", "f", "g"], _frontEnd.Calls[5..]);
        _frontEnd.AnswerAll();
        await Task.WhenAll(sending);
    }

    [Fact]
    public async Task Call_is_bounded_in_events_and_the_rest_follows()
    {
        var most = PendingEvents.MaxEventsPerCall;
        Task[] sending = [Send("a"), Send("b", most - 1), Send("c"), Send("d")];
        _frontEnd.Answer(0);
        await CalledAsync(2);
        Assert.Equal("b c", _frontEnd.Calls[1]);
        _frontEnd.Answer(1);
        await CalledAsync(3);
        Assert.Equal("d", _frontEnd.Calls[2]);
        _frontEnd.Answer(2);
        await Task.WhenAll(sending);
    }

    [Fact]
    public async Task Notification_that_finds_no_room_to_wait_makes_a_call_of_its_own()
    {
        var large = new byte[NotificationLane.MaxWaitingBytes / 2];
        Task[] sending = [Send("a"), Send("b", json: large), Send("c", json: large), Send("d")];
        Assert.Equal(["a", "c"], _frontEnd.Calls);
        _frontEnd.Answer(0);
        await CalledAsync(3);
        Assert.Equal("b", _frontEnd.Calls[2]);
        _frontEnd.Answer(2);
        await CalledAsync(4);
        _frontEnd.AnswerAll();
        await Task.WhenAll(sending);
    }

    [Fact]
    public async Task Traced_notification_makes_a_call_of_its_own()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == EventTraces.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var traced = Events();
        traced[0].Times = traced[0].Times with { Origin = new EventOrigin(0, new EventTrace(default)) };
        Task[] sending = [Send("a"), _lanes.SendAsync(_frontEnd, Feed("b"), traced)];
        Assert.Equal(["a", "b"], _frontEnd.Calls);
        _frontEnd.AnswerAll();
        await Task.WhenAll(sending);
    }

    private static FeedKey Feed(string order) => new("shop", order);

    private static EncodedOrderEvent[] Events(int count = 1, byte[]? json = null) =>
        [.. Enumerable.Range(1, count).Select(i => new EncodedOrderEvent("o", i, i, json ?? [], "epoch"))];

    private Task Send(string order, int count = 1, byte[]? json = null) =>
        _lanes.SendAsync(_frontEnd, Feed(order), Events(count, json));

    private Task CalledAsync(int times) =>
        Eventually.Holds(() => _frontEnd.Calls.Length == times, () => string.Join(", ", _frontEnd.Calls));

    /// <summary>A front end that answers when the test says so.</summary>
    private sealed class FrontEnd : IOrderEventObserver
    {
        private readonly Lock _lock = new();
        private readonly List<(string Orders, TaskCompletionSource<int[]> Answer)> _calls = [];

        /// <summary>The orders of each call.</summary>
        public string[] Calls
        {
            get
            {
                lock (_lock)
                {
                    return [.. _calls.Select(call => call.Orders)];
                }
            }
        }

        public Task OnEvents(FeedKey feed, EncodedOrderEvent[] events) => Add(feed.OrderId!);

        public Task<int[]> OnFeedEvents(FeedEvents[] feeds) =>
            Add(string.Join(' ', feeds.Select(each => each.Feed.OrderId)));

        public Task OnFeedClosed(FeedKey feed) => Task.CompletedTask;

        public void Answer(int call, params int[] failed) => Find(call).TrySetResult(failed);

        public void Fail(int call, Exception e) => Find(call).TrySetException(e);

        public void AnswerAll()
        {
            for (var i = 0; i < Calls.Length; i++)
            {
                Answer(i);
            }
        }

        private Task<int[]> Add(string orders)
        {
            var answer = new TaskCompletionSource<int[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                _calls.Add((orders, answer));
            }

            return answer.Task;
        }

        private TaskCompletionSource<int[]> Find(int call)
        {
            lock (_lock)
            {
                return _calls[call].Answer;
            }
        }
    }
}
