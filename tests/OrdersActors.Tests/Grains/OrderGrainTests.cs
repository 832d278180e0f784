using Orleans.Core.Internal;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains;

public sealed class OrderGrainTests(OrderCluster cluster) : IClassFixture<OrderCluster>
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
    public async Task Awaited_order_is_confirmed_and_its_first_event_is_notified()
    {
        var reference = Reference(_observer);
        Assert.Equal(FeedSubscription.Denied, await OrderGrain("1").SubscribeAhead("another", reference));
        var subscription = await OrderGrain("1").SubscribeAhead(_shop, reference);
        Assert.True(subscription.IsAllowed);
        Assert.Equal((0, cluster.Log.Epoch), (subscription.Head, subscription.Epoch));
        // Another front end that may not await the order is denied, and the first one keeps its lease.
        Assert.Equal(
            FeedSubscription.Denied, await OrderGrain("1").Subscribe(_shop, Reference(new RecordingObserver())));
        await cluster.AppendAsync(_shop, Order("1"));
        await cluster.AppendAsync(_shop, Order("1"));
        await Eventually.Equal([1L, 2L], () => _observer.NumbersOf(OrderFeed("1")));
        Assert.Equal(2, (await OrderGrain("1").SubscribeAhead(_shop, reference)).Head);
    }

    [Fact]
    public async Task First_event_that_races_with_an_awaiting_subscribe_is_in_the_head_or_notified()
    {
        for (var i = 0; i < 50; i++)
        {
            var observer = new RecordingObserver();
            var publishing = cluster.AppendAsync(_shop, Order($"a{i}"));
            var subscription = await OrderGrain($"a{i}").SubscribeAhead(_shop, Reference(observer));
            await publishing;
            await cluster.AppendAsync(_shop, Order($"a{i}"));
            await Eventually.Equal(Numbers(subscription.Head + 1, 2), () => observer.NumbersOf(OrderFeed($"a{i}")));
        }
    }

    [Fact]
    public async Task Awaited_order_leaves_no_grain_behind_when_nobody_awaits_it_any_more()
    {
        var reference = Reference(_observer);
        for (var i = 0; i < 20; i++)
        {
            await OrderGrain($"b{i}").SubscribeAhead(_shop, reference);
            await OrderGrain($"b{i}").Unsubscribe(reference);
        }

        var management = cluster.Grains.GetGrain<IManagementGrain>(0);
        await Eventually.Holds(
            () => !management.GetDetailedGrainStatistics().GetAwaiter().GetResult().Any(grain =>
                grain.GrainId.Key.ToString()!.StartsWith($"{_shop}/{Order("b")}", StringComparison.Ordinal)),
            () => "grains of awaited orders are still active");
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

    private string Order(string name) => $"{_shop}/{name}";

    private FeedKey OrderFeed(string name) => new(_shop, Order(name));

    private IOrderGrain OrderGrain(string name) => cluster.Grains.GetGrain<IOrderGrain>(OrderFeed(name).GrainKey);

    private IOrderEventObserver Reference(RecordingObserver observer) =>
        cluster.Grains.CreateObjectReference<IOrderEventObserver>(observer);
}
