using OrdersActors.Streaming;
using Orleans.Runtime.Placement;

namespace OrdersActors.Grains.Placement;

/// <summary>Implements <see cref="OrganizationPlacement"/>.</summary>
internal sealed class OrganizationPlacementDirector(PartitionMap map) : IPlacementDirector
{
    private static readonly GrainType Order = GrainType.Create(OrderGrain.TypeName);

    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var organization = OrganizationOf(target.GrainIdentity);
        var owner = map.OwnerOf(map.PartitionOf(organization));
        // If the owner has just joined or left, a hash selects one silo for all grains of the organization. They move
        // to the owner later (Residence).
        return Task.FromResult(owner is not null && silos.Contains(owner)
            ? owner
            : silos.Order().ElementAt((int)(StableHash.ComputeHash(organization) % (uint)silos.Length)));
    }

    private static string OrganizationOf(GrainId grain) =>
        grain.Type == Order ? FeedKey.OfOrder(grain.Key.ToString()!).OrganizationId : grain.Key.ToString()!;
}
