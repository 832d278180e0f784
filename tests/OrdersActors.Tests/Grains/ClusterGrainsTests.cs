using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains;

public class ClusterGrainsTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    [Fact]
    public void Every_find_returns_the_same_grain_as_the_factory()
    {
        for (var time = 0; time < 3; time++)
        {
            Assert.Equal(
                cluster.Grains.GetGrain<IEventWriterGrain>(time), cluster.Grains.Find<IEventWriterGrain>(time));
            Assert.Equal(
                cluster.Grains.GetGrain<IOrganizationGrain>($"shop-{time}"),
                cluster.Grains.Find<IOrganizationGrain>($"shop-{time}"));
        }
    }

    [Fact]
    public async Task Found_grain_answers()
    {
        var shop = OrderCluster.NewOrganization();
        for (var time = 0; time < 3; time++)
        {
            Assert.Null(await cluster.Grains.Find<IEventWriterGrain>(time).Find(shop, "unknown"));
        }
    }

    [Fact]
    public void Grain_of_a_cluster_without_silos_is_a_lost_connection_and_no_wrong_argument()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleansClient(client => client.UseLocalhostClustering());
        // Not started, so no silo has reported its grains.
        using var client = builder.Build();
        var grains = client.Services.GetRequiredService<IGrainFactory>();

        Assert.Throws<ClusterUnknownException>(() => grains.Find<IEventWriterGrain>(0));
        Assert.Throws<ClusterUnknownException>(() => grains.Find<IOrganizationGrain>("shop"));
    }
}
