using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Grains.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains;

/// <summary>Live events of an organization wait neither for a slow log nor for an unresponsive order.</summary>
public sealed class LiveDeliveryTests(LiveDeliveryTests.HeldCluster cluster)
    : IClassFixture<LiveDeliveryTests.HeldCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A cluster in which deliveries to some orders fail or are held until the test releases them.</summary>
    public sealed class HeldCluster : TestLogCluster, IOutgoingGrainCallFilter
    {
        public ConcurrentDictionary<string, Func<Task>> Orders { get; } = new();

        /// <summary>
        /// The organization whose next batch of the stream is lost although the agent believes that it arrived.
        /// </summary>
        public string? LosesBatch { get; set; }

        public ConcurrentQueue<(string Key, int Events, long Bytes)> Delivered { get; } = [];

        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.Request.GetInterfaceType() == typeof(IOrderDelivery))
            {
                var events = (EncodedOrderEvent[])context.Request.GetArgument(1)!;
                if (Orders.TryGetValue(events[0].OrderId, out var held))
                {
                    await held();
                }

                Delivered.Enqueue((events[0].OrderId, events.Length, events.Sum(e => (long)e.Json.Length)));
            }

            if (context.MethodName == "DeliverBatch" && LosesBatch == context.TargetId.Key.ToString())
            {
                LosesBatch = null;
                context.Result = null;
                return;
            }

            await context.Invoke();
        }

        protected override void Configure(ISiloBuilder silo)
        {
            base.Configure(silo);
            silo.Services.AddSingleton<IOutgoingGrainCallFilter>(this);
        }
    }

    [Fact]
    public async Task Live_events_arrive_while_subscriptions_renewals_and_replays_wait_for_the_log()
    {
        await cluster.PublishAsync(_shop, Order("1"), 3);
        await using var shop = new InProcessClient(cluster);
        await shop.SubscribeAsync(new FeedKey(_shop, null));
        await using var shopper = new InProcessClient(cluster);
        await shopper.SubscribeAsync(Feed("1"));

        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.TestLog.BeforeRead = _ => release.Task;
        var begun = cluster.TestLog.Reads;
        await using var late = new InProcessClient(cluster);
        Task[] waiting =
        [
            late.SubscribeAsync(new FeedKey(_shop, null), after: 0),
                late.TrySubscribeAsync(Feed("1"), 0, new FeedBounds(1, 3)),
            shop.RenewAsync(), shopper.RenewAsync(),
        ];
        await Eventually.Holds(() => cluster.TestLog.Reads >= begun + 4, () => "the reads did not begin");

        await cluster.PublishAsync(_shop, Order("1"), 20);
        await Eventually.Equal(Numbers(4, 23), () => shop.Events.Select(e => e.Sequence ?? 0));
        await Eventually.Equal(Numbers(4, 23), () => shopper.Events.Select(e => e.Version));
        Assert.All(waiting, task => Assert.False(task.IsCompleted));

        // The client that subscribed in the meantime misses nothing.
        cluster.TestLog.BeforeRead = null;
        release.SetResult();
        await Task.WhenAll(waiting);
        await cluster.PublishAsync(_shop, Order("1"), 1);
        await Eventually.Equal(Numbers(1, 24), () => late.Events.Select(e => e.Version));
        await Eventually.Equal(Numbers(4, 24), () => shop.Events.Select(e => e.Sequence ?? 0));
    }

    [Fact]
    public async Task Event_committed_while_the_head_is_read_is_in_the_head_or_delivered()
    {
        for (var i = 0; i < 10; i++)
        {
            var order = Order($"head-{i}");
            await cluster.PublishAsync(_shop, order, 1);
            var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            cluster.TestLog.AfterRead = method =>
            {
                reading.TrySetResult();
                return method is "GetOrganizationHeadAsync" ? release.Task : Task.CompletedTask;
            };
            var observer = new RecordingObserver();
            var reference = cluster.Grains.CreateObjectReference<IOrderEventObserver>(observer);
            await using var other = new InProcessClient(cluster);
            var grain = cluster.Grains.GetGrain<IOrganizationGrain>(_shop);
            var subscribing = grain.Subscribe(_shop, reference);
            await reading.Task;
            var head = (await cluster.Log.GetOrganizationHeadAsync(_shop, Cancelled)).Sequence;
            await cluster.PublishAsync(_shop, order, 1);
            await Task.Delay(5 * i, Cancelled);
            cluster.TestLog.AfterRead = null;
            release.SetResult();
            var answer = await subscribing;
            Assert.InRange(answer.Head, head, head + 1);
            await cluster.PublishAsync(_shop, order, 1);
            await Eventually.Equal(Numbers(answer.Head + 1, head + 2), () =>
                observer.NumbersOf(new FeedKey(_shop, null)));
        }
    }

    [Fact]
    public async Task Unresponsive_order_delays_neither_its_organization_nor_other_orders()
    {
        await cluster.PublishAsync(_shop, Order("slow"), 1);
        await cluster.PublishAsync(_shop, Order("quick"), 1);
        await using var shop = new InProcessClient(cluster);
        await shop.SubscribeAsync(new FeedKey(_shop, null));
        await using var quick = new InProcessClient(cluster);
        await quick.SubscribeAsync(Feed("quick"));
        await using var slow = new InProcessClient(cluster);
        await slow.SubscribeAsync(Feed("slow"));

        // A new organization treats every order as watched, so the first event may have been delivered.
        cluster.Delivered.Clear();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Orders[Order("slow")] = () =>
        {
            begun.TrySetResult();
            return release.Task;
        };
        await cluster.PublishAsync(_shop, Order("slow"), 1);
        await cluster.PublishAsync(_shop, Order("quick"), 1);
        await begun.Task.WaitAsync(Cancelled);
        for (var i = 1; i < 20; i++)
        {
            await cluster.PublishAsync(_shop, Order("slow"), 1);
            await cluster.PublishAsync(_shop, Order("quick"), 1);
        }

        await Eventually.Equal(Numbers(3, 42), () => shop.Events.Select(e => e.Sequence ?? 0));
        await Eventually.Equal(Numbers(2, 21), () => quick.Events.Select(e => e.Version));
        Assert.Empty(slow.Events);

        // One delivery was pending. The others waited and were sent together.
        release.SetResult();
        await Eventually.Equal(Numbers(2, 21), () => slow.Events.Select(e => e.Version));
        Assert.Equal(2, cluster.Delivered.Count(call => call.Key == Order("slow")));
    }

    [Fact]
    public async Task Given_up_order_catches_up_when_its_front_ends_register_again()
    {
        await cluster.PublishAsync(_shop, Order("lost"), 1);
        await using var shopper = new InProcessClient(cluster);
        await shopper.SubscribeAsync(Feed("lost"));
        var attempts = 0;
        cluster.Orders[Order("lost")] = () =>
        {
            Interlocked.Increment(ref attempts);
            throw new TimeoutException("the test makes the order unresponsive");
        };
        await cluster.PublishAsync(_shop, Order("lost"), 3);
        await Eventually.Holds(() => Volatile.Read(ref attempts) >= 3, () => $"{attempts} attempts were made");
        Assert.Empty(shopper.Events);

        // The silo watch does the same when a silo is gone.
        await shopper.RenewAsync();
        await Eventually.Equal(Numbers(2, 4), () => shopper.Events.Select(e => e.Version));

        cluster.Orders.TryRemove(Order("lost"), out _);
        await cluster.PublishAsync(_shop, Order("lost"), 1);
        await Eventually.Equal(Numbers(2, 5), () => shopper.Events.Select(e => e.Version));
    }

    [Fact]
    public async Task Gap_delays_no_live_event_and_an_order_in_the_gap_gets_its_event()
    {
        await cluster.PublishAsync(_shop, Order("missed"), 1);
        await cluster.PublishAsync(_shop, Order("live"), 1);
        await using var missed = new InProcessClient(cluster);
        await missed.SubscribeAsync(Feed("missed"));
        await using var live = new InProcessClient(cluster);
        await live.SubscribeAsync(Feed("live"));
        await cluster.PublishAsync(_shop, Order("live"), 1);
        await Eventually.Equal([2L], () => live.Events.Select(e => e.Version));

        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.TestLog.BeforeRead = method => method == nameof(TestLog.ReadOrganizationAsync)
            ? release.Task : Task.CompletedTask;
        cluster.LosesBatch = _shop;
        await cluster.PublishAsync(_shop, Order("missed"), 1);
        await Eventually.Holds(() => cluster.LosesBatch is null, () => "no batch arrived");
        await cluster.PublishAsync(_shop, Order("live"), 5);
        await Eventually.Equal(Numbers(2, 7), () => live.Events.Select(e => e.Version));
        Assert.Empty(missed.Events);
        cluster.TestLog.BeforeRead = null;
        release.SetResult();
        await Eventually.Equal([2L], () => missed.Events.Select(e => e.Version));
    }

    [Fact]
    public async Task Unresponsive_order_keeps_a_bounded_number_of_bytes_and_recovers_the_rest()
    {
        var details = $"{{\"x\":\"{new string('x', 60_000)}\"}}";
        await cluster.PublishAsync(_shop, Order("large"), 1);
        await using var shopper = new InProcessClient(cluster, maxQueuedBytes: 256 * 1024 * 1024);
        await shopper.SubscribeAsync(Feed("large"));
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Orders[Order("large")] = () => release.Task;
        for (var i = 0; i < 200; i++)
        {
            await cluster.TestLog.AppendAsync(
                _shop, [new OrderStatusEvent { OrderId = Order("large"), Status = "s", Details = details }], Cancelled);
        }

        await using var shop = new InProcessClient(cluster, maxQueuedBytes: 256 * 1024 * 1024);
        await shop.SubscribeAsync(new FeedKey(_shop, null));
        await cluster.PublishAsync(_shop, Order("large"), 1);
        await Eventually.Holds(() => shop.Events.Count > 0, () => "the organization was delayed");
        cluster.Orders.TryRemove(Order("large"), out _);
        release.SetResult();
        await Eventually.Equal(Numbers(2, 202), () => shopper.Events.Select(e => e.Version));
        var calls = cluster.Delivered.Where(call => call.Key == Order("large")).ToArray();
        Assert.All(calls, call => Assert.InRange(call.Bytes, 1, 1024 * 1024));
        // The pending delivery and the queued ones.
        Assert.InRange(calls.Sum(call => call.Bytes), 1, 6 * 1024 * 1024);
    }

    private FeedKey Feed(string name) => new(_shop, Order(name));

    private string Order(string name) => $"{_shop}/{name}";
}
