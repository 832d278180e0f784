using OrdersActors.Storage;

namespace OrdersActors.Cluster.Partitions;

/// <summary>
/// The current owner silo of each partition of the log. The owner is the home silo of the partition's organizations: it
/// pulls their events, hosts their grains and makes their appends. So between the log and the front ends, an event
/// stays in one process.
/// </summary>
/// <remarks>
/// Derived from the membership that Orleans already shares. Two silos may see different memberships for a moment. Then
/// two silos or no silo pull a partition, or a grain is activated on the wrong silo and migrates later. In none of
/// these cases does a client lose an event or get one twice. Thread-safe: the shares are immutable and are replaced as
/// a whole. If two threads replace them at the same time, the older ones may win; the next caller sees the wrong
/// version and computes them again.
/// </remarks>
public sealed class PartitionMap(IClusterMembershipService membership, IEventLog log)
{
    private volatile Shares? _shares;

    /// <summary>The current owner of each partition; null for every partition if no silo is active.</summary>
    public IReadOnlyList<SiloAddress?> Owners => Current().Owners;

    /// <summary>The owner of this partition; null if no silo is active.</summary>
    public SiloAddress? OwnerOf(int partition) => Owners[partition];

    /// <summary>The home silo of an organization; null if no silo is active.</summary>
    public SiloAddress? HomeOf(string organizationId) => OwnerOf(log.PartitionOf(organizationId));

    /// <summary>The partition that an organization is in.</summary>
    public int PartitionOf(string organizationId) => log.PartitionOf(organizationId);

    /// <summary>
    /// The owner of each partition among these active silos, for a process that is no silo; null for every partition if
    /// there are none.
    /// </summary>
    public static IReadOnlyList<SiloAddress?> Assign(IEnumerable<SiloAddress> active, int partitionCount) =>
        PartitionAssignment.Among(active, partitionCount);

    private Shares Current()
    {
        var snapshot = membership.CurrentSnapshot;
        if (_shares is { } known && known.Version == snapshot.Version)
        {
            return known;
        }

        var active = snapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active)
            .Select(member => member.SiloAddress);
        var shares = new Shares(snapshot.Version, PartitionAssignment.Among(active, log.PartitionCount));
        _shares = shares;
        return shares;
    }

    private sealed record Shares(MembershipVersion Version, SiloAddress?[] Owners);
}
