using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

public sealed class CatchUpTests : IAsyncDisposable
{
    private const int MaxQueuedBytes = 1000;

    private readonly FakeTimeProvider _time = new();
    private readonly FrontEndGrains _grains = new() { Head = 500 };
    private readonly RecordingChannel _client = new();
    private readonly TestSocket _socket = new();
    private readonly FakeMembership _feed = new(new FeedHistory(FrontEndGrains.Epoch, new OtherEpochSignal()));
    private readonly FeedReader _reader;
    private readonly DeliveryRules _rules;
    private readonly OutboundQueue _outbound;
    private readonly QueueBudget _queues = new(MaxQueuedBytes);
    private readonly CatchUp _catchUp;
    private bool _hasEnded;

    public CatchUpTests()
    {
        _feed.Last = 500;
        _reader = new FeedReader(_grains.Factory, Options.Create(new FrontEndOptions()));
        _rules = new DeliveryRules(_client);
        _outbound = new OutboundQueue(new StreamOutput(_socket), MaxQueuedBytes, e => throw e);
        _catchUp = new CatchUp(
            _rules, _reader, new FairLimiter(1, 0, _time), _queues, _outbound, _client, _time, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _reader.Dispose();
    }

    [Fact]
    public async Task Subscription_gets_every_event_up_to_the_feeds_last_one_and_goes_live()
    {
        var order = Subscribe("a", after: 3);
        await CaughtUpAsync(order);
        Assert.Equal(500, order.Position);
        // The confirmation comes first.
        Assert.Equal(1 + 497, _client.Frames.Count);
        Assert.Null(_client.Closed);
    }

    [Fact]
    public async Task Events_that_are_passed_on_during_the_replay_are_read_too()
    {
        _grains.Before = _ =>
        {
            (_grains.Head, _feed.Last) = (900, 900);
            return Task.CompletedTask;
        };
        var order = Subscribe("a", after: 0);
        await CaughtUpAsync(order);
        Assert.Equal(900, order.Position);
    }

    [Fact]
    public async Task Subscriptions_take_turns_of_one_page()
    {
        var (first, second) = (Subscribe("a", after: 0, begins: false), Subscribe("b", after: 490, begins: false));
        long firstPosition = -1;
        _grains.Before = _ =>
        {
            if (second.Position == 500)
            {
                Interlocked.CompareExchange(ref firstPosition, first.Position, -1);
            }

            return Task.CompletedTask;
        };
        lock (_rules)
        {
            _catchUp.Begin(first);
            _catchUp.Begin(second);
        }

        await CaughtUpAsync(first);
        Assert.Equal(500, second.Position);
        Assert.InRange(firstPosition, 1, 499);
    }

    [Fact]
    public async Task Events_that_are_due_but_no_longer_kept_close_the_connection()
    {
        _grains.Earliest = 100;
        var order = Subscribe("a", after: 50);
        await Eventually.Holds(() => _client.IsClosing, () => "the connection was not closed");
        Assert.Same(CloseReason.HistoryGone, _client.Closed);
        Assert.Equal(50, order.Position);
    }

    [Fact]
    public async Task Failed_read_is_repeated_with_delays_while_the_connection_lives()
    {
        _grains.Before = _ => Task.FromException(new TimeoutException("the log is away"));
        var order = Subscribe("a", after: 0);
        await AdvanceUntilAsync(() => _grains.Calls.Length >= 3);
        Assert.True(order.IsCatchingUp);
        _grains.Before = null;
        await AdvanceUntilAsync(() => !order.IsCatchingUp);
        Assert.Equal(500, order.Position);
    }

    [Fact]
    public async Task Unexpected_failure_closes_the_connection()
    {
        _grains.Before = _ => Task.FromException(new InvalidOperationException("a fault"));
        Subscribe("a", after: 0);
        await Eventually.Holds(() => _client.IsClosing, () => "the connection was not closed");
        Assert.Same(CloseReason.ServerFault, _client.Closed);
    }

    [Fact]
    public async Task Nothing_is_read_while_the_clients_queue_is_more_than_half_full()
    {
        var reading = new TaskCompletionSource();
        _socket.Reading = reading.Task;
        Assert.True(_outbound.TryEnqueue(WebSocketFrame.Text(new byte[MaxQueuedBytes / 2])));
        var order = Subscribe("a", after: 0);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Empty(_grains.Calls);
        reading.SetResult();
        await CaughtUpAsync(order);
    }

    [Fact]
    public async Task Rest_of_a_page_is_not_held_while_all_clients_together_hold_too_much()
    {
        var reading = new TaskCompletionSource();
        _grains.Before = _ =>
        {
            // The client stops reading while its first page is read.
            _grains.Before = null;
            _socket.Reading = reading.Task;
            Assert.True(_outbound.TryEnqueue(WebSocketFrame.Text(new byte[MaxQueuedBytes / 2])));
            return Task.CompletedTask;
        };
        var order = Subscribe("a", after: 0);
        await Eventually.Holds(
            () => _grains.Calls.Length == 1 && _socket.HasWriteBegun && _queues.Bytes == 0, () => "a page is held");
        Assert.Equal(0, order.Position);
        reading.SetResult();
        await CaughtUpAsync(order);
        // The confirmation, and each event once.
        Assert.Equal(1 + 500, _client.Frames.Count);
    }

    [Fact]
    public async Task End_of_the_subscription_ends_its_replay()
    {
        var release = new TaskCompletionSource();
        _grains.Before = _ => release.Task;
        var order = Subscribe("a", after: 0);
        await Eventually.Holds(() => _grains.Calls.Length == 1, () => "no read began");
        lock (_rules)
        {
            _rules.End(order.Key);
        }

        release.SetResult();
        await EndAsync();
        Assert.Single(_client.Frames);
    }

    [Fact]
    public async Task End_of_the_connection_ends_a_read_that_hangs()
    {
        _grains.Before = _ => new TaskCompletionSource().Task;
        Subscribe("a", after: 0);
        await Eventually.Holds(() => _grains.Calls.Length == 1, () => "no read began");
        await EndAsync();
        Assert.Null(_client.Closed);
    }

    /// <summary>Ends the connection, once.</summary>
    private async Task EndAsync()
    {
        if (!_hasEnded)
        {
            _hasEnded = true;
            await _catchUp.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        }
    }

    private Subscription Subscribe(string order, long after, bool begins = true)
    {
        var subscription = new Subscription(new FeedKey("shop", order), after, []);
        lock (_rules)
        {
            _rules.Begin(subscription, _feed, _feed.Last);
            if (begins)
            {
                _catchUp.Begin(subscription);
            }
        }

        return subscription;
    }

    private static Task CaughtUpAsync(Subscription subscription) =>
        Eventually.Holds(() => !subscription.IsCatchingUp, () => $"the subscription is at {subscription.Position}");

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.Holds(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return condition();
        },
        () => string.Join(' ', _grains.Calls));
}
