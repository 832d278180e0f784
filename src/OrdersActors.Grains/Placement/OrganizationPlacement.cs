using Orleans.Placement;

namespace OrdersActors.Grains.Placement;

/// <summary>
/// Places an organization's grain and those of its orders on the silo that pulls its events.
/// </summary>
/// <remarks>
/// Calls between silos cost five to ten times what they cost inside one, and each event takes one to the organization and one to the
/// order. And a silo that stands still holds up the organizations that live there, and no others.
/// </remarks>
[GenerateSerializer, Immutable]
internal sealed class OrganizationPlacement : PlacementStrategy;

/// <summary>Marks the grains that have feeds, whose keys are <see cref="FeedKey.GrainKey"/>, for <see cref="OrganizationPlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OrganizationPlacementAttribute() : PlacementAttribute(new OrganizationPlacement());
