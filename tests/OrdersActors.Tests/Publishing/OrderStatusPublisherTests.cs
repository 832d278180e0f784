using System.Reflection;
using Orleans.Streams;
using OrdersActors.Publishing;
using OrdersActors.Publishing.Hubs;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing;

public sealed class OrderStatusPublisherTests : IDisposable
{
    private static readonly OrderStatusEvent Event = new() { OrderId = "o-1", Status = "s", Id = "e-1" };

    private readonly TimerCountingClock _time = new();
    private readonly RecordingLogger<OrderStatusPublisher> _logger = new();
    private readonly OrderStatusPublisherOptions _options = new();
    private readonly FakeHub _hub = new();

    private OrderStatusPublisher Publisher => new(_hub, _options, _time, _logger);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task Failed_call_is_retried_under_the_same_id_until_it_succeeds()
    {
        _hub.Answer = _ => Task.FromException(new TimeoutException());
        var publishing = Publisher.PublishAsync("shop", Event with { Details = "{ }" }, Token);
        await AdvanceAsync(0.1, 2);
        await AdvanceAsync(0.2, 3);
        _hub.Answer = _ => Task.CompletedTask;
        await AdvanceAsync(0.4, 4);
        Assert.Equal(new PublishedEvent("e-1", 1, 1, IsRepeat: false), await publishing);
        Assert.All(_hub.Calls, call => Assert.Equal(("shop", "e-1", "{}"), (call.Organization, call.Events[0].Id,
            call.Events[0].Details)));
    }

    [Fact]
    public async Task Delays_do_not_shrink_if_the_first_is_longer_than_five_seconds()
    {
        _options.FirstPause = TimeSpan.FromSeconds(60);
        _options.RetryFor = TimeSpan.FromHours(1);
        _hub.Answer = _ => Task.FromException(new TimeoutException());
        using var cancelled = new CancellationTokenSource();
        var publishing = Publisher.PublishAsync("shop", Event, cancelled.Token);
        for (var attempt = 1; attempt < 4; attempt++)
        {
            // Each delay is shortened by up to half.
            await AdvanceAsync(29.9, attempt);
            await AdvanceAsync(30.1, attempt + 1);
        }

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
    }

    [Fact]
    public async Task Call_fails_when_the_next_retry_would_be_after_RetryFor()
    {
        _options.RetryFor = TimeSpan.FromMilliseconds(250);
        _hub.Answer = _ => Task.FromException(new EventLogUnavailableException("the disk is full"));
        var publishing = Publisher.PublishAsync("shop", Event, Token);
        await AdvanceAsync(0.1, 2);
        var e = await Assert.ThrowsAsync<PublishFailedException>(() => publishing);
        Assert.Contains("the disk is full", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, e.Stored);
    }

    [Fact]
    public async Task Missing_connection_is_waited_for_no_longer_than_RetryFor()
    {
        _options.RetryFor = TimeSpan.Zero;
        _hub.Problem = new HubUnavailableException("no connection");
        await Assert.ThrowsAsync<PublishFailedException>(() => Publisher.PublishAsync("shop", Event, Token));
        Assert.Equal([TimeSpan.Zero], _hub.Waits);
    }

    [Fact]
    public async Task Refusal_is_not_retried()
    {
        _hub.Answer = _ => Task.FromException(new EventConflictException("e-1", 0, "o-1", "o-2", "order_id"));
        await Assert.ThrowsAsync<EventConflictException>(() => Publisher.PublishAsync("shop", Event, Token));
        Assert.Single(_hub.Calls);
    }

    [Fact]
    public async Task Invalid_event_is_refused_before_anything_is_sent()
    {
        await Assert.ThrowsAsync<InvalidOrderEventException>(
            () => Publisher.PublishAsync("shop", [Event, Event with { Status = "" }], Token));
        Assert.Empty(_hub.Calls);
    }

    [Fact]
    public async Task Failed_batch_reports_the_stored_events_and_the_index_in_the_callers_list()
    {
        _options.RetryFor = TimeSpan.Zero;
        OrderStatusEvent[] events = [.. Enumerable.Range(0, 2500).Select(i => Event with { Id = $"e-{i}" })];
        _hub.Answer = call => call.Events[0].Id == "e-2000"
            ? Task.FromException(new TimeoutException())
            : Task.CompletedTask;
        var failed = await Assert.ThrowsAsync<PublishFailedException>(
            () => Publisher.PublishAsync("shop", events, Token));
        Assert.Equal(2000, failed.Stored);

        _hub.Answer = call => call.Events[0].Id == "e-1000"
            ? Task.FromException(new EventConflictException("e-1007", 7, "o-1", "o-2", "order_id"))
            : Task.CompletedTask;
        var conflict = await Assert.ThrowsAsync<EventConflictException>(
            () => Publisher.PublishAsync("shop", events, Token));
        Assert.Equal(1007, conflict.Index);
    }

    [Fact]
    public async Task Answers_to_several_batches_are_one_list_in_the_order_of_the_events()
    {
        OrderStatusEvent[] events = [.. Enumerable.Range(0, 2500).Select(i => Event with { Id = $"e-{i}" })];
        var answers = await Publisher.PublishAsync("shop", events, Token);
        Assert.Equal(events.Select(e => e.Id), answers.Select(answer => answer.Id));
        Assert.Equal(events.Select((_, i) => (i % 1000) + 1L), answers.Select(answer => answer.Sequence));
        Assert.Empty(await Publisher.PublishAsync("shop", [], Token));
    }

    [Fact]
    public async Task Stop_of_the_application_ends_the_retries()
    {
        _hub.Answer = _ => Task.FromException(new TimeoutException());
        var publishing = Publisher.PublishAsync("shop", Event, Token);
        await _hub.StopAsync();
        await Assert.ThrowsAsync<PublishFailedException>(() => publishing);
    }

    [Fact]
    public async Task Retries_of_all_calls_log_one_warning_in_ten_seconds()
    {
        _hub.Answer = _ => Task.FromException(new TimeoutException());
        var publisher = Publisher;
        var calls = new[] { publisher.PublishAsync("a", Event, Token), publisher.PublishAsync("b", Event, Token) };
        await AdvanceAsync(0.1, 4, waiting: 2);
        await Eventually.Holds(() => _logger.Ids.Length == 4, () => "a retry was not logged");
        // Debug lines contain the exception.
        Assert.Equal(
            3, _logger.Text.Split(Environment.NewLine)
                .Count(line => line.Contains("System.TimeoutException", StringComparison.Ordinal)));
        await _hub.StopAsync();
        await Assert.ThrowsAsync<PublishFailedException>(() => Task.WhenAll(calls));
    }

    private async Task AdvanceAsync(double seconds, int calls, int waiting = 1)
    {
        await Eventually.Holds(() => _time.Timers == waiting, () => $"{_time.Timers} calls wait for a retry");
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await Eventually.Holds(() => _hub.Calls.Count == calls, () => $"{_hub.Calls.Count} calls");
    }

    /// <summary>A connected hub whose answers the test sets.</summary>
    internal sealed class FakeHub : IOrderHub, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken Stopping => _stopping.Token;

        public List<TimeSpan> Waits { get; } = [];

        public List<(string Organization, OrderStatusEvent[] Events)> Calls { get; } = [];

        public Exception? Problem { get; set; }

        public Func<(string Organization, OrderStatusEvent[] Events), Task> Answer { get; set; } =
            _ => Task.CompletedTask;

        public Task StopAsync() => _stopping.CancelAsync();

        public void Dispose() => _stopping.Dispose();

        public ValueTask<IStreamProvider> ConnectAsync(TimeSpan timeout, CancellationToken cancellationToken)
        {
            Waits.Add(timeout);
            if (Problem is not null)
            {
                return ValueTask.FromException<IStreamProvider>(Problem);
            }

            var provider = DispatchProxy.Create<IStreamProvider, Provider>();
            ((Provider)provider).Hub = this;
            return ValueTask.FromResult(provider);
        }

        public Task Publish(string organization, OrderStatusEvent[] events)
        {
            Calls.Add((organization, events));
            return Answer((organization, events));
        }
    }

    /// <summary>The hub's stream provider.</summary>
    public class Provider : DispatchProxy
    {
        internal FakeHub Hub { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var id = Assert.IsType<StreamId>(args![0]);
            Assert.Equal(OrderStreams.Namespace, id.GetNamespace());
            var stream = DispatchProxy.Create<IAsyncStream<OrderStatusEvent>, Stream>();
            ((Stream)stream).Publish = events => Hub.Publish(id.GetKeyAsString(), events);
            return stream;
        }
    }

    /// <summary>A stream of the hub. The stored events have the numbers 1, 2, 3 …</summary>
    public class Stream : DispatchProxy
    {
        public Func<OrderStatusEvent[], Task> Publish { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            PublishAsync(Assert.IsType<PublishedBatch>(args![0]));

        private async Task PublishAsync(PublishedBatch batch)
        {
            OrderStatusEvent[] events = [.. batch];
            await Publish(events);
            PublishedBatch.Answer(batch, [.. events.Select((e, i) => new PublishedEvent(e.Id, i + 1, i + 1, false))]);
        }
    }
}
