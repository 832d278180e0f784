using Orleans.Placement;

namespace OrdersActors.Cluster.Placement;

/// <summary>
/// Places the activations of a grain on the home silo of their organization. The key of a grain of the type
/// <see cref="OrderGrainType"/> is <see cref="FeedKey.GrainKey"/>. The key of any other grain is the organization's id.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OrganizationPlacementAttribute() : PlacementAttribute(new OrganizationPlacement())
{
    /// <summary>The grain type of orders. It is part of the ids of grains, so it must not change.</summary>
    public const string OrderGrainType = "order";
}
