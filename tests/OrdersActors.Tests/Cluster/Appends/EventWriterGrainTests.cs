using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Cluster.Appends;

public sealed class EventWriterGrainTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    [Fact]
    public async Task Writer_passes_on_the_results_of_the_log()
    {
        var writer = cluster.Grains.GetGrain<IEventWriterGrain>(0);
        await writer.Append(_shop, [new OrderStatusEvent { OrderId = Order("1"), Status = "paid", Id = "e-1" }]);
        Assert.Equal(("paid", 1L), await writer.Find(_shop, "e-1") is { } e ? (e.Status, e.Version) : default);
        Assert.Null(await writer.Find("another", "e-1"));
        var stored = await writer.Store(_shop,
        [
            new OrderStatusEvent { OrderId = Order("1"), Status = "packed", Id = "e-2" },
            new OrderStatusEvent { OrderId = Order("1"), Status = "paid", Id = "e-1" },
        ]);
        Assert.Equal([new("e-2", 2, 2, IsRepeat: false), new PublishedEvent("e-1", 1, 1, IsRepeat: true)], stored);
        var invalid = await Assert.ThrowsAsync<InvalidOrderEventException>(() =>
            writer.Append(_shop, [new OrderStatusEvent { OrderId = Order("1"), Status = "" }]));
        Assert.Equal("status", invalid.Field);
        var conflict = await Assert.ThrowsAsync<EventConflictException>(() =>
            writer.Append(_shop, [new OrderStatusEvent { OrderId = Order("1"), Status = "created", Id = "e-1" }]));
        Assert.Equal("status", conflict.Field);
    }

    private string Order(string name) => $"{_shop}/{name}";
}
