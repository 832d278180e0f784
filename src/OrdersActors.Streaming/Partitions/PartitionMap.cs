using OrdersActors.Storage;

namespace OrdersActors.Streaming;

/// <summary>
/// The current owner silo of each partition of the log. The owner pulls the partition's events and hosts the grains of
/// the partition's organizations, so an event leaves the process only towards front ends.
/// </summary>
/// <remarks>
/// Derived from the membership that Orleans already shares. Two silos may see different memberships for a moment. Then
/// two silos or no silo pull a partition, or a grain is activated on the wrong silo and moves later. In none of these
/// cases does a client lose an event or get one twice.
/// </remarks>
public sealed class PartitionMap(IClusterMembershipService membership, IEventLog log)
{
    private volatile Shares? _shares;

    /// <summary>The owner of this partition; null if no silo is active.</summary>
    public SiloAddress? OwnerOf(int partition) => Current().Owners[partition];

    /// <summary>The partition that an organization is in.</summary>
    public int PartitionOf(string organizationId) => log.PartitionOf(organizationId);

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
        return _shares = new Shares(snapshot.Version, PartitionAssignment.Among(active, log.PartitionCount));
    }

    private sealed record Shares(MembershipVersion Version, SiloAddress?[] Owners);
}
