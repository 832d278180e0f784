using OrdersActors.Streaming;

namespace OrdersActors.Grains.Placement;

/// <summary>
/// Tells a grain whether it should move: its organization's partition has gone to another silo.
/// </summary>
internal sealed class Residence(string organizationId, PartitionMap map, ILocalSiloDetails silo, TimeProvider time)
{
    // Silos that do not yet agree on who is there must not throw a grain to and fro.
    private static readonly TimeSpan StaysAtLeast = TimeSpan.FromSeconds(10);

    private readonly int _partition = map.PartitionOf(organizationId);
    private readonly long _since = time.GetTimestamp();

    /// <summary>Whether the grain should ask Orleans to migrate it.</summary>
    public bool ShouldMove() =>
        map.OwnerOf(_partition) is { } owner && !owner.Equals(silo.SiloAddress) && time.GetElapsedTime(_since) >= StaysAtLeast;
}
