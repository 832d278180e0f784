using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using OrdersActors.Cluster.Appends;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Cluster.Placement;

namespace OrdersActors.Cluster;

/// <summary>
/// Adds to a silo the knowledge of each organization's home silo: the partition map, the placement of grains, and the
/// route of appends.
/// </summary>
public static class OrderClusterHosting
{
    // Orleans creates the tables of these caches for their maximum, a million entries by default. The first ten
    // thousand grains then touch all of their 18 MB. A silo that calls more grains than this asks the grains' directory
    // again.
    private const int CachedLocations = 200_000;

    /// <summary>
    /// Adds the services. The order streams and the order grains need them. An <see cref="Storage.IEventLog"/> must be
    /// registered in the silo's services.
    /// </summary>
    public static ISiloBuilder AddOrderCluster(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Configure<GrainDirectoryOptions>(static directory => directory.CacheSize = CachedLocations);
        builder.Services.AddSingleton<PartitionMap>();
        builder.Services.AddSingleton<AppendRoute>();
        MetricZeros.Register(static () => _ = AppendMetrics.AreCollected);
        builder.Services.AddPlacementDirector<OrganizationPlacement, OrganizationPlacementDirector>();
        return builder;
    }
}
