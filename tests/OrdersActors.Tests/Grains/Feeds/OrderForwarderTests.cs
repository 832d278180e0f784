using OrdersActors.Grains;
using OrdersActors.Grains.Feeds;
using OrdersActors.Grains.Observers;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Feeds;

public sealed class OrderForwarderTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private readonly TimerCountingClock _time = new();
    private readonly RecordingLogger<OrderForwarder> _logger = new();
    private readonly List<(string Order, long[] Versions)> _calls = [];
    private readonly WatchedOrders _watched;
    private readonly OrderForwarder _forwarder;
    private Func<string, Task> _answer = _ => Task.CompletedTask;

    public OrderForwarderTests()
    {
        _watched = new WatchedOrders(Lease, _time);
        var options = new OrderGrainOptions
        {
            MaxPendingPerObserver = 10,
            MaxPendingBytesPerObserver = 1024 * 1024,
            MaxPendingBytesForOrders = 1024 * 1024,
        };
        var grains = FakeGrains.Create((grain, key, _, arguments) =>
        {
            Assert.Equal(typeof(IOrderDelivery), grain);
            Assert.Equal("shop", arguments[0]);
            var order = FeedKey.OfOrder((string)key).OrderId!;
            _calls.Add((order, [.. ((EncodedOrderEvent[])arguments[1]!).Select(e => e.Version)]));
            return _answer(order);
        });
        _forwarder = new OrderForwarder(
            "shop", _watched, new LocalOrders(new LocalObservers([])), options, grains, _time, _logger);
    }

    [Fact]
    public void Events_are_grouped_by_order_and_only_watched_orders_get_them()
    {
        _time.Advance(Lease);
        _watched.Watch("a");
        _watched.Watch("b");
        _forwarder.Forward([Event("a", 1), Event("b", 1), Event("c", 1), Event("a", 2)]);
        _forwarder.Forward([Event("c", 2)]);
        _forwarder.Forward([Event("b", 2)]);
        Assert.Equal(["a: 1 2", "b: 1", "b: 2"], Calls);
    }

    [Fact]
    public void Events_that_arrive_during_a_delivery_are_sent_together_after_it()
    {
        var answer = Hold("a");
        _forwarder.Forward([Event("a", 1)]);
        _forwarder.Forward([Event("a", 2)]);
        _forwarder.Forward([Event("a", 3)]);
        Assert.Equal(["a: 1"], Calls);
        answer.SetResult();
        Assert.Equal(["a: 1", "a: 2 3"], Calls);
        _forwarder.Forward([Event("a", 4)]);
        Assert.Equal(["a: 1", "a: 2 3", "a: 4"], Calls);
    }

    [Fact]
    public void Order_that_does_not_answer_delays_no_other_order()
    {
        Hold("a");
        _forwarder.Forward([Event("a", 1), Event("b", 1)]);
        _forwarder.Forward([Event("b", 2)]);
        Assert.Equal(["a: 1", "b: 1", "b: 2"], Calls);
    }

    [Fact]
    public async Task Failed_delivery_is_tried_three_times_and_then_given_up()
    {
        _answer = _ => Task.FromException(new TimeoutException());
        _forwarder.Forward([Event("a", 1)]);
        await AdvanceAsync(0.1, 1);
        await AdvanceAsync(0.1, 2);
        await AdvanceAsync(1.9, 2);
        Assert.DoesNotContain(1211, _logger.Ids);
        await AdvanceAsync(0.1, 3);
        await Eventually.Holds(() => _logger.Ids.Contains(1211), () => "the delivery was not given up");

        // The next event does not wait for the failed one.
        _answer = _ => Task.CompletedTask;
        _forwarder.Forward([Event("a", 2)]);
        Assert.Equal(["a: 1", "a: 1", "a: 1", "a: 2"], Calls);
    }

    [Fact]
    public void Waiting_events_of_an_order_are_bounded_and_the_newest_stays()
    {
        var answer = Hold("a");
        _forwarder.Forward([Event("a", 1)]);
        for (var version = 2; version <= 30; version++)
        {
            _forwarder.Forward([Event("a", version)]);
        }

        answer.SetResult();
        Assert.Equal(["a: 1", "a: 21 22 23 24 25 26 27 28 29 30"], Calls);
    }

    [Fact]
    public void Waiting_events_of_all_orders_are_bounded_in_bytes_and_each_order_keeps_its_newest()
    {
        var answers = "abc".ToDictionary(order => $"{order}", _ => new TaskCompletionSource());
        _answer = order => answers[order].Task;
        foreach (var order in answers.Keys)
        {
            _forwarder.Forward([Event(order, 1)]);
            _forwarder.Forward([Event(order, 2, 400_000)]);
            _forwarder.Forward([Event(order, 3, 400_000)]);
        }

        foreach (var (order, answer) in answers)
        {
            answer.SetResult();
            Assert.Equal($"{order}: {(order == "a" ? "2 3" : "3")}", Calls.Last());
        }
    }

    [Fact]
    public void Cleared_events_are_not_sent()
    {
        var answer = Hold("a");
        _forwarder.Forward([Event("a", 1)]);
        _forwarder.Forward([Event("a", 2)]);
        _forwarder.Clear();
        answer.SetResult();
        Assert.Equal(["a: 1"], Calls);
    }

    [Fact]
    public async Task Drain_waits_for_the_queues_but_at_most_five_seconds()
    {
        var answer = Hold("a");
        _forwarder.Forward([Event("a", 1)]);
        _forwarder.Forward([Event("a", 2)]);
        var drained = _forwarder.DrainAsync(CancellationToken.None);
        answer.SetResult();
        await drained;
        Assert.Equal(["a: 1", "a: 2"], Calls);

        Hold("a");
        _forwarder.Forward([Event("a", 3)]);
        var late = _forwarder.DrainAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(late.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await late;
        Assert.Contains(1212, _logger.Ids);
    }

    private IEnumerable<string> Calls => _calls.Select(call => $"{call.Order}: {string.Join(' ', call.Versions)}");

    /// <summary>Lets an order not answer until the test completes the result.</summary>
    private TaskCompletionSource Hold(string order)
    {
        var answer = new TaskCompletionSource();
        _answer = called => called == order ? answer.Task : Task.CompletedTask;
        return answer;
    }

    private async Task AdvanceAsync(double seconds, int calls)
    {
        await Eventually.Holds(() => _time.Timers == 1, () => "nothing waits for a retry");
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await Eventually.Holds(() => _calls.Count == calls, () => $"{_calls.Count} calls");
    }

    private static EncodedOrderEvent Event(string order, long version, int bytes = 10) =>
        new(order, version, version, new byte[bytes]);
}
