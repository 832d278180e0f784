namespace OrdersActors.Cluster.Partitions;

/// <summary>
/// Assigns the partitions to silos. All silos that see the same members compute the same result without communication.
/// </summary>
/// <remarks>
/// Every pair of a partition and a silo has a score, a hash of both (rendezvous hashing, Thaler and Ravishankar 1998).
/// The pairs with the best scores win, but no silo gets more than its share. The numbers of partitions differ by at
/// most one between silos, and few partitions move when a silo joins or leaves. The score ignores a silo's generation,
/// so a restarted silo gets its previous partitions back.
/// </remarks>
internal static class PartitionAssignment
{
    /// <summary>The owner of each partition; null for every partition if there are no silos.</summary>
    public static SiloAddress?[] Among(IEnumerable<SiloAddress> silos, int partitionCount)
    {
        var owners = new SiloAddress?[partitionCount];
        var counts = silos.ToDictionary(silo => silo, _ => 0);
        if (counts.Count == 0)
        {
            return owners;
        }

        var (share, larger) = Math.DivRem(partitionCount, counts.Count);
        // Two silos share a score only while a restarted silo and its predecessor are both members; any fixed order
        // will do.
        var best = from partition in Enumerable.Range(0, partitionCount)
                   from silo in counts.Keys
                   orderby StableHash.ComputeHash($"{partition} {silo.Endpoint}"), silo
                   select (Partition: partition, Silo: silo);
        foreach (var (partition, silo) in best.ToArray())
        {
            var count = counts[silo];
            if (owners[partition] is not null || count > share || (count == share && larger == 0))
            {
                continue;
            }

            larger -= count == share ? 1 : 0;
            counts[silo] = count + 1;
            owners[partition] = silo;
        }

        return owners;
    }
}
