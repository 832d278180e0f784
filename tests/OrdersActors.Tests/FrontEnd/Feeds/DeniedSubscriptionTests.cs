using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

/// <summary>A denied subscription leaves nothing in memory: no feed in the front end and no grain in a silo.</summary>
public sealed class DeniedSubscriptionTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    [Fact]
    public async Task Denied_subscriptions_create_neither_a_feed_nor_a_grain()
    {
        await cluster.AppendAsync("another", "another/1");
        await using var client = new InProcessClient(cluster);
        for (var i = 0; i < 50; i++)
        {
            Assert.False(await client.TrySubscribeAsync(new FeedKey(_shop, $"{_shop}/{i}")));
        }

        Assert.False(await client.TrySubscribeAsync(new FeedKey(_shop, "another/1")));
        Assert.Empty(client.Hub.Feeds);
        Assert.Equal(0, await OrderGrainsAsync());
    }

    [Fact]
    public async Task Grain_of_a_missing_order_deactivates_at_once()
    {
        var observer = cluster.Grains.CreateObjectReference<IOrderEventObserver>(new RecordingObserver());
        for (var i = 0; i < 20; i++)
        {
            var grain = cluster.Grains.GetGrain<IOrderGrain>(new FeedKey(_shop, $"{_shop}/{i}").GrainKey);
            Assert.Equal(FeedSubscription.Denied, await grain.Subscribe(_shop, observer));
        }

        await Eventually.Holds(() => OrderGrainsAsync().GetAwaiter().GetResult() == 0, () =>
            "grains of missing orders are still active");
    }

    [Fact]
    public async Task Order_can_be_subscribed_after_it_was_denied_and_then_created()
    {
        var order = new FeedKey(_shop, $"{_shop}/1");
        await using var client = new InProcessClient(cluster);
        Assert.False(await client.TrySubscribeAsync(order));
        await cluster.AppendAsync(_shop, $"{_shop}/1");
        Assert.True(await client.TrySubscribeAsync(order));
        await cluster.AppendAsync(_shop, $"{_shop}/1");
        await Eventually.Equal([2L], () => client.Events.Select(e => e.Version));
    }

    [Fact]
    public async Task Log_is_read_once_for_the_bounds_of_an_order_and_not_for_a_watched_order()
    {
        await cluster.AppendAsync(_shop, $"{_shop}/1");
        var order = new FeedKey(_shop, $"{_shop}/1");
        var grains = CountingGrains.Create(cluster.Grains, out var counter);
        await using var client = new InProcessClient(cluster, grains: grains);
        var bounds = await client.GetBoundsAsync(order);
        var asked = counter.Replays;
        Assert.True(await client.TrySubscribeAsync(order, 1, bounds));
        client.Unsubscribe(order);
        Assert.True(await client.TrySubscribeAsync(order));
        Assert.Equal((1, 1), (asked, counter.Replays));
    }

    private async Task<int> OrderGrainsAsync()
    {
        var management = cluster.Grains.GetGrain<IManagementGrain>(0);
        var grains = await management.GetDetailedGrainStatistics();
        return grains.Count(grain => grain.GrainId.Type.ToString() == "order"
            && grain.GrainId.Key.ToString()!.StartsWith(_shop, StringComparison.Ordinal));
    }
}
