using OrdersActors.Streaming;
using Orleans.Runtime.Placement;

namespace OrdersActors.Grains.Placement;

/// <summary>Carries <see cref="OrganizationPlacement"/> out.</summary>
internal sealed class OrganizationPlacementDirector(PartitionMap map) : IPlacementDirector
{
    private static readonly GrainType Order = GrainType.Create(OrderGrain.TypeName);

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var organization = OrganizationOf(target.GrainIdentity);
        var owner = map.OwnerOf(map.PartitionOf(organization));
        // The owner may have just come or gone; what belongs together is together even so, and moves when that has been settled.
        return Task.FromResult(owner is not null && silos.Contains(owner)
            ? owner
            : silos.Order().ElementAt((int)(StableHash.ComputeHash(organization) % (uint)silos.Length)));
    }

    private static string OrganizationOf(GrainId grain) =>
        grain.Type == Order ? FeedKey.OfOrder(grain.Key.ToString()!).OrganizationId : grain.Key.ToString()!;
}
