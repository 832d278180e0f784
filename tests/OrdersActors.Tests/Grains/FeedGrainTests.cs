using Orleans.Core.Internal;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains;

public sealed class FeedGrainTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();
    private readonly RecordingObserver _observer = new();

    [Fact]
    public async Task Missing_order_and_order_of_another_organization_are_denied_alike()
    {
        await cluster.AppendAsync(_shop, Order("1"));
        var reference = Reference(_observer);
        Assert.Equal(FeedSubscription.Denied, await OrderGrain("2").Subscribe(_shop, reference));
        Assert.Equal(FeedSubscription.Denied, await OrderGrain("1").Subscribe("another", reference));
        Assert.True((await OrderGrain("1").Subscribe(_shop, reference)).IsAllowed);
    }

    [Fact]
    public async Task Organization_is_denied_to_others()
    {
        var reference = Reference(_observer);
        Assert.Equal(FeedSubscription.Denied, await OrganizationGrain.Subscribe("another", reference));
        Assert.True((await OrganizationGrain.Subscribe(_shop, reference)).IsAllowed);
    }

    [Fact]
    public async Task Observer_is_notified_of_everything_past_the_head_it_received()
    {
        var reference = Reference(_observer);
        await cluster.AppendAsync(_shop, Order("1"));
        await cluster.AppendAsync(_shop, Order("1"));
        var order = await OrderGrain("1").Subscribe(_shop, reference);
        var organization = await OrganizationGrain.Subscribe(_shop, reference);
        Assert.Equal((2, 2), (order.Head, organization.Head));
        for (var i = 0; i < 10; i++)
        {
            await cluster.AppendAsync(_shop, Order("1"));
            await cluster.AppendAsync(_shop, Order("2"));
        }

        await Eventually.Equal(Numbers(3, 12), () => _observer.NumbersOf(OrderFeed("1")));
        await Eventually.Equal(Numbers(3, 22), () => _observer.NumbersOf(new FeedKey(_shop, null)));
    }

    [Fact]
    public async Task Event_published_right_before_a_subscribe_is_in_the_head_or_notified()
    {
        for (var i = 0; i < 30; i++)
        {
            var observer = new RecordingObserver();
            var reference = Reference(observer);
            await cluster.AppendAsync(_shop, Order($"r{i}"));
            var publishing = cluster.AppendAsync(_shop, Order($"r{i}"));
            var subscription = await OrderGrain($"r{i}").Subscribe(_shop, reference);
            await publishing;
            await cluster.AppendAsync(_shop, Order($"r{i}"));
            await Eventually.Equal(Numbers(subscription.Head + 1, 3), () => observer.NumbersOf(OrderFeed($"r{i}")));
        }
    }

    [Fact]
    public async Task Unsubscribed_observer_gets_no_more_events_and_others_still_do()
    {
        var other = new RecordingObserver();
        var (first, second) = (Reference(_observer), Reference(other));
        await OrganizationGrain.Subscribe(_shop, first);
        await OrganizationGrain.Subscribe(_shop, second);
        await cluster.AppendAsync(_shop, Order("1"));
        await Eventually.Equal([1L], () => _observer.NumbersOf(new FeedKey(_shop, null)));
        await OrganizationGrain.Unsubscribe(first);
        await OrganizationGrain.Unsubscribe(first);
        await cluster.AppendAsync(_shop, Order("1"));
        await Eventually.Equal([1L, 2L], () => other.NumbersOf(new FeedKey(_shop, null)));
        Assert.Equal([1L], _observer.NumbersOf(new FeedKey(_shop, null)));
    }

    [Fact]
    public async Task Unresponsive_front_end_gets_the_newest_events_and_a_gap_to_recover()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _observer.BeforeEvents = (_, _) => release.Task;
        await OrganizationGrain.Subscribe(_shop, Reference(_observer));
        await cluster.AppendAsync(_shop, Order("1"));
        for (var i = 0; i < 10; i++)
        {
            await cluster.Log.AppendAsync(
                _shop,
                [.. Enumerable.Range(0, 1000).Select(_ => new OrderStatusEvent { OrderId = Order("1"), Status = "s" })],
                TestContext.Current.CancellationToken);
        }

        // The unresponsive front end does not delay another one.
        var quick = new RecordingObserver();
        await OrganizationGrain.Subscribe(_shop, Reference(quick));
        await cluster.AppendAsync(_shop, Order("1"));
        await Eventually.Equal([10_002L], () => quick.NumbersOf(new FeedKey(_shop, null)));
        release.SetResult();
        await Eventually.Holds(
            () => _observer.NumbersOf(new FeedKey(_shop, null)) is [.., 10_002],
            () => "the newest event was not received");
        var numbers = _observer.NumbersOf(new FeedKey(_shop, null));
        Assert.True(
            numbers.Length <= 1 + 512 + 4096, $"{numbers.Length} events were kept for an unresponsive front end");
        Assert.Equal(numbers.Order().Distinct(), numbers);
    }

    [Fact]
    public async Task Deactivating_grain_notifies_its_observers_and_its_next_activation_continues()
    {
        var reference = Reference(_observer);
        await cluster.AppendAsync(_shop, Order("1"));
        await OrderGrain("1").Subscribe(_shop, reference);
        await OrderGrain("1").Cast<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
        await Eventually.Holds(() => _observer.Closed == 1, () => "the observer was not notified");
        await cluster.AppendAsync(_shop, Order("1"));
        Assert.Equal(2, (await OrderGrain("1").Subscribe(_shop, reference)).Head);
        await cluster.AppendAsync(_shop, Order("1"));
        await Eventually.Equal([3L], () => _observer.NumbersOf(OrderFeed("1")));
    }

    [Fact]
    public async Task Replay_reads_only_the_feed_of_its_organization()
    {
        for (var i = 0; i < 5; i++)
        {
            await cluster.AppendAsync(_shop, Order("1"));
        }

        var replay = cluster.Grains.GetGrain<IReplayGrain>(0);
        Assert.Equal(Numbers(3, 5), (await replay.Read(OrderFeed("1"), 2, 10)).Select(e => e.Version));
        Assert.Equal(Numbers(1, 2), (await replay.Read(new FeedKey(_shop, null), 0, 2)).Select(e => e.Sequence));
        Assert.Empty(await replay.Read(new FeedKey("another", Order("1")), 0, 10));
        Assert.Empty(await replay.Read(OrderFeed("1"), 5, 10));
    }

    [Fact]
    public async Task Writer_passes_on_the_results_of_the_log()
    {
        var writer = cluster.Grains.GetGrain<IEventWriterGrain>(0);
        await writer.Append(_shop, [new OrderStatusEvent { OrderId = Order("1"), Status = "paid", Id = "e-1" }]);
        Assert.Equal(("paid", 1L), await writer.Find(_shop, "e-1") is { } e ? (e.Status, e.Version) : default);
        Assert.Null(await writer.Find("another", "e-1"));
        var invalid = await Assert.ThrowsAsync<InvalidOrderEventException>(() =>
            writer.Append(_shop, [new OrderStatusEvent { OrderId = Order("1"), Status = "" }]));
        Assert.Equal("status", invalid.Field);
        var conflict = await Assert.ThrowsAsync<EventConflictException>(() =>
            writer.Append(_shop, [new OrderStatusEvent { OrderId = Order("1"), Status = "created", Id = "e-1" }]));
        Assert.Equal("status", conflict.Field);
    }

    [Fact]
    public async Task Checkpoints_follow_deliveries()
    {
        await OrganizationGrain.Subscribe(_shop, Reference(_observer));
        await cluster.AppendAsync(_shop, Order("1"));
        await Eventually.Equal([1L], () => _observer.NumbersOf(new FeedKey(_shop, null)));
        var partition = cluster.Log.PartitionOf(_shop);
        var newest = (await cluster.Log.ReadPartitionAsync(
            partition, 0, 1000, TestContext.Current.CancellationToken))[^1].Position;
        long checkpoint = 0;
        await Eventually.Holds(
            () => (checkpoint = cluster.Log.GetCheckpointAsync(partition, TestContext.Current.CancellationToken)
                .GetAwaiter().GetResult()) >= newest,
            () => $"the checkpoint is at {checkpoint}, the newest event at {newest}");
    }

    private string Order(string name) => $"{_shop}/{name}";

    private FeedKey OrderFeed(string name) => new(_shop, Order(name));

    private IOrderGrain OrderGrain(string name) => cluster.Grains.GetGrain<IOrderGrain>(OrderFeed(name).GrainKey);

    private IOrganizationGrain OrganizationGrain => cluster.Grains.GetGrain<IOrganizationGrain>(_shop);

    private IOrderEventObserver Reference(RecordingObserver observer) =>
        cluster.Grains.CreateObjectReference<IOrderEventObserver>(observer);
}
