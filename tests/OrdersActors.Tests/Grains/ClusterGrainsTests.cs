using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrdersActors.Tests.Grains;

public class ClusterGrainsTests
{
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
