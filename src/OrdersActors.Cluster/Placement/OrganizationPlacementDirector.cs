using OrdersActors.Cluster.Partitions;
using Orleans.Runtime.Placement;

namespace OrdersActors.Cluster.Placement;

/// <summary>Implements <see cref="OrganizationPlacement"/>. Thread-safe: it has no state.</summary>
internal sealed class OrganizationPlacementDirector(PartitionMap map) : IPlacementDirector
{
    private static readonly GrainType Order = GrainType.Create(OrganizationPlacementAttribute.OrderGrainType);

    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var organization = OrganizationOf(target.GrainIdentity);
        // If the home silo has just joined or left, a hash selects one silo for all grains of the organization. They
        // migrate to the home silo later (HomeSiloAffinity).
        return Task.FromResult(map.HomeOf(organization) is { } home && silos.Contains(home)
            ? home
            : silos.Order().ElementAt((int)(StableHash.ComputeHash(organization) % (uint)silos.Length)));
    }

    private static string OrganizationOf(GrainId grain) =>
        grain.Type == Order ? FeedKey.OfOrder(grain.Key.ToString()!).OrganizationId : grain.Key.ToString()!;
}
