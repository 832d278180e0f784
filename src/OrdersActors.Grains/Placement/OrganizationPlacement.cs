using Orleans.Placement;

namespace OrdersActors.Grains.Placement;

/// <summary>
/// Places an organization's grain, the grains of its orders and its writer on the silo that pulls its events.
/// </summary>
/// <remarks>
/// A call between silos costs five to ten times as much as a call inside one. Each event needs one call to the
/// organization and, if its order is watched, one to the order. This placement also limits the effect of an
/// unresponsive silo: it delays only the organizations that live on it.
/// </remarks>
[GenerateSerializer, Immutable]
internal sealed class OrganizationPlacement : PlacementStrategy;

/// <summary>
/// Marks a grain for <see cref="OrganizationPlacement"/>. The key of an order's grain is
/// <see cref="FeedKey.GrainKey"/>. The key of any other grain is the organization's id.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OrganizationPlacementAttribute() : PlacementAttribute(new OrganizationPlacement());
