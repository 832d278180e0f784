using OrdersActors.Cluster.Partitions;

namespace OrdersActors.Cluster.Placement;

/// <summary>
/// Migrates a grain to its organization's home silo after the organization's partition has moved there. Used only from
/// the grain's own scheduler.
/// </summary>
/// <param name="organizationId">The organization of the grain.</param>
/// <param name="map">The home silos.</param>
/// <param name="silo">The silo of this activation.</param>
/// <param name="time">The clock.</param>
public sealed class HomeSiloAffinity(
    string organizationId, PartitionMap map, ILocalSiloDetails silo, TimeProvider time)
{
    // Silos that do not yet agree on the membership must not migrate a grain back and forth.
    private static readonly TimeSpan ShortestStay = TimeSpan.FromSeconds(10);

    private readonly int _partition = map.PartitionOf(organizationId);
    private readonly long _activatedAt = time.GetTimestamp();

    /// <summary>Lets Orleans migrate the grain if another silo is its home.</summary>
    public void MigrateIfNotHome(IGrainBase grain)
    {
        if (map.OwnerOf(_partition) is { } home
            && !home.Equals(silo.SiloAddress)
            && time.GetElapsedTime(_activatedAt) >= ShortestStay)
        {
            grain.MigrateOnIdle();
        }
    }
}
