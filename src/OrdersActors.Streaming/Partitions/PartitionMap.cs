using OrdersActors.Storage;

namespace OrdersActors.Streaming;

/// <summary>
/// Which silo has which partition of the log now: it pulls the partition's events, and the grains of the organizations in it live
/// there, so that an event leaves the process only towards front ends.
/// </summary>
/// <remarks>
/// Read off the membership that Orleans already shares. Two silos may see it differently for a moment; then a partition is pulled
/// twice, or not yet, or a grain is made in the second-best place and moves later. None of it loses or repeats anything for a client.
/// </remarks>
public sealed class PartitionMap(IClusterMembershipService membership, IEventLog log)
{
    private volatile Shares? _shares;

    /// <summary>The silo that has this partition; null while no silo is active.</summary>
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

        var active = snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress);
        return _shares = new Shares(snapshot.Version, PartitionAssignment.Among(active, log.PartitionCount));
    }

    private sealed record Shares(MembershipVersion Version, SiloAddress?[] Owners);
}
