using Orleans.Placement;

namespace OrdersActors.Grains.Placement;

/// <summary>
/// Places what an organization has to do with on the silo that pulls its events: its grain, those of its orders, and its writer.
/// </summary>
/// <remarks>
/// Calls between silos cost five to ten times what they cost inside one, and each event takes one to the organization and, where
/// somebody watches, one to the order. And a silo that stands still holds up the organizations that live there, and no others.
/// </remarks>
[GenerateSerializer, Immutable]
internal sealed class OrganizationPlacement : PlacementStrategy;

/// <summary>
/// Marks a grain for <see cref="OrganizationPlacement"/>. The key of an order's grain is <see cref="FeedKey.GrainKey"/>; any other's is
/// the organization's id.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OrganizationPlacementAttribute() : PlacementAttribute(new OrganizationPlacement());
