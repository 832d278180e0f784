using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains;

public sealed class OrganizationGrainTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();
    private readonly RecordingObserver _observer = new();

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
