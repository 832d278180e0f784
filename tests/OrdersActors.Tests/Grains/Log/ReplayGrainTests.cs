using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Log;

public sealed class ReplayGrainTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

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

    private string Order(string name) => $"{_shop}/{name}";

    private FeedKey OrderFeed(string name) => new(_shop, Order(name));
}
