using System.Reflection;
using OrdersActors.Grains;
using OrdersActors.Grains.Observers;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Observers;

public sealed class ObserverLeaseTests
{
    private static readonly FeedKey Feed = new("shop", null);

    private readonly TimerCountingClock _time = new();
    private readonly RecordingLogger<ObserverLease> _logger = new();
    private readonly OrderGrainOptions _options = new()
    {
        ObserverLease = TimeSpan.FromSeconds(5),
        MaxPendingPerObserver = 3,
    };

    private readonly RecordingObserver _observer = new();
    private readonly List<int> _calls = [];
    private readonly ObserverLease _lease;

    public ObserverLeaseTests()
    {
        _lease = new ObserverLease(Feed, _observer, null, new NotificationLanes(), head: 10, _options, _time, _logger);
        Answer(() => Task.CompletedTask);
    }

    [Fact]
    public void Events_up_to_the_head_and_events_offered_before_are_dropped()
    {
        Offer(9, 10, 11);
        Offer(11, 12);
        Offer(12);
        Offer(15);
        Assert.Equal([11L, 12L, 15L], _observer.NumbersOf(Feed));
    }

    [Fact]
    public void Front_end_of_this_process_is_called_directly_with_the_events_that_it_has_not_had()
    {
        var local = new LocalRecorder();
        var lease = new ObserverLease(
            Feed, _observer, local, new NotificationLanes(), head: 10, _options, _time, _logger);
        lease.Offer(Events(9, 10, 11), fitsOneCall: true);
        lease.Offer(Events(12), fitsOneCall: true);
        lease.Offer(Events(11, 12, 13, 14, 15, 16, 17), fitsOneCall: true);
        Assert.Equal([11L, 12L, 15L, 16L, 17L], local.Numbers);
        Assert.Empty(_calls);
    }

    [Fact]
    public void Failure_of_the_front_end_of_this_process_ends_its_lease_and_nothing_else()
    {
        var local = new LocalRecorder { Fault = new InvalidOperationException("a fault") };
        var lease = new ObserverLease(
            Feed, _observer, local, new NotificationLanes(), head: 10, _options, _time, _logger);
        lease.Offer(Events(11), fitsOneCall: true);
        Assert.True(lease.IsDead);
        Assert.Equal([1203], _logger.Ids);
    }

    [Fact]
    public void Events_that_arrive_during_a_notification_are_sent_together_after_it()
    {
        var answer = new TaskCompletionSource();
        Answer(() => answer.Task);
        Offer(11);
        Offer(12);
        Offer(13, 14);
        Assert.Equal([1], _calls);
        answer.SetResult();
        Assert.Equal([1, 3], _calls);
        Assert.Equal(Numbers(11, 14), _observer.NumbersOf(Feed));
        Assert.True(_lease.Sending.IsCompletedSuccessfully);
    }

    [Fact]
    public void Oldest_waiting_events_are_dropped_at_the_bound()
    {
        var answer = new TaskCompletionSource();
        Answer(() => answer.Task);
        for (var number = 11; number <= 20; number++)
        {
            Offer(number);
        }

        answer.SetResult();
        Assert.Equal([11L, 18L, 19L, 20L], _observer.NumbersOf(Feed));
    }

    [Fact]
    public void Events_that_do_not_fit_one_call_are_split()
    {
        var large = new EncodedOrderEvent[] { Event(11, 700_000), Event(12, 700_000) };
        _lease.Offer(large, fitsOneCall: false);
        Assert.Equal([1, 1], _calls);
    }

    [Fact]
    public void Lease_of_a_front_end_that_is_gone_ends_at_once()
    {
        // Only Orleans may create this exception.
        var gone = (Exception)Activator.CreateInstance(
            typeof(ClientNotAvailableException), BindingFlags.Instance | BindingFlags.NonPublic, null, ["gone"], null)!;
        Answer(() => Task.FromException(gone));
        Offer(11);
        Assert.True(_lease.IsDead);
        Assert.Equal([1200], _logger.Ids);
    }

    [Fact]
    public async Task Failed_notification_is_retried_every_second_until_it_succeeds()
    {
        Answer(() => Task.FromException(new TimeoutException()));
        Offer(11);
        await AdvanceAsync(0.9, 1);
        await AdvanceAsync(0.1, 2);
        Answer(() => Task.CompletedTask);
        await AdvanceAsync(1, 3);
        Assert.Equal([11L], _observer.NumbersOf(Feed));
        Assert.False(_lease.IsDead);
    }

    [Fact]
    public async Task Failed_notification_is_given_up_when_the_lease_ends()
    {
        Answer(() => Task.FromException(new TimeoutException()));
        Offer(11);
        for (var second = 1; second <= 5; second++)
        {
            await AdvanceAsync(1, second + 1);
        }

        await Eventually.Holds(() => _lease.IsDead, () => "the lease did not end");
        Assert.Equal(1202, _logger.Ids[^1]);
    }

    [Fact]
    public async Task Closed_lease_notifies_the_front_end_once_and_retries_no_more()
    {
        Answer(() => Task.FromException(new TimeoutException()));
        Offer(11);
        await _lease.CloseAsync();
        await _lease.CloseAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await _lease.Sending;
        Assert.Equal(1, _observer.Closed);
        Assert.Empty(_observer.NumbersOf(Feed));
    }

    private static EncodedOrderEvent Event(long number, int bytes = 10) => new("o", number, number, new byte[bytes]);

    private void Offer(params long[] numbers) =>
        _lease.Offer([.. numbers.Select(number => Event(number))], fitsOneCall: true);

    private void Answer(Func<Task> answer) => _observer.BeforeEvents = (_, events) =>
    {
        _calls.Add(events.Length);
        return answer();
    };

    private async Task AdvanceAsync(double seconds, int calls)
    {
        await Eventually.Holds(() => _time.Timers == 1, () => "nothing waits for a retry");
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await Eventually.Holds(() => _calls.Count == calls, () => $"{_calls.Count} calls");
    }

    private static EncodedOrderEvent[] Events(params long[] numbers) =>
        Array.ConvertAll(numbers, number => FrontEndGrains.Event("o", number));
}
