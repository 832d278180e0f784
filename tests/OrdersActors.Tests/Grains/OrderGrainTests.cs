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
