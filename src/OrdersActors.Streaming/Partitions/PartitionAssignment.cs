namespace OrdersActors.Streaming;

/// <summary>
/// Shares the partitions out among silos: the same for everybody who knows the same silos, so nobody has to ask.
/// </summary>
/// <remarks>
/// Every pair of a partition and a silo has a score, a hash of both (rendezvous hashing, Thaler and Ravishankar 1998), and the
/// best pairs win, but no silo gets more than its share. The numbers of partitions differ by at most one from silo to silo, and
/// few partitions move when a silo comes or goes. A silo's generation does not count: who comes back gets what it had.
/// </remarks>
internal static class PartitionAssignment
{
    /// <summary>The owner of each partition; null for all where there are no silos.</summary>
    public static SiloAddress?[] Among(IEnumerable<SiloAddress> silos, int partitionCount)
    {
        var owners = new SiloAddress?[partitionCount];
        var counts = silos.ToDictionary(silo => silo, _ => 0);
        if (counts.Count == 0)
        {
            return owners;
        }

        var (share, larger) = Math.DivRem(partitionCount, counts.Count);
        // Two silos have one score only while a restarted one has not pushed out its predecessor; any fixed order will do.
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
