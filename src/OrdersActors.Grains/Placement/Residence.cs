using OrdersActors.Streaming;

namespace OrdersActors.Grains.Placement;

/// <summary>
/// Migrates a grain whose organization's partition has moved to another silo.
/// </summary>
internal sealed class Residence(string organizationId, PartitionMap map, ILocalSiloDetails silo, TimeProvider time)
{
    // Silos that do not yet agree on the membership must not migrate a grain back and forth.
    private static readonly TimeSpan StaysAtLeast = TimeSpan.FromSeconds(10);

    private readonly int _partition = map.PartitionOf(organizationId);
    private readonly long _since = time.GetTimestamp();

    /// <summary>Lets Orleans migrate the grain if another silo owns its partition.</summary>
    public void MoveIfAway(IGrainBase grain)
    {
        if (map.OwnerOf(_partition) is { } owner
            && !owner.Equals(silo.SiloAddress)
            && time.GetElapsedTime(_since) >= StaysAtLeast)
        {
            grain.MigrateOnIdle();
        }
    }
}
