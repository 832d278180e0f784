namespace OrdersActors.Cluster.Placement;

/// <summary>
/// Places an organization's grain, the grains of its orders and the grain of its appends on its home silo.
/// </summary>
/// <remarks>
/// A call between silos costs five to ten times as much as a call inside one. Each event needs one call to the
/// organization and, if its order is watched, one to the order. This placement also limits the effect of an
/// unresponsive silo: it delays only the organizations whose home it is. The name of this class is part of the
/// cluster's manifest, so it must not change.
/// </remarks>
[GenerateSerializer, Immutable]
internal sealed class OrganizationPlacement : PlacementStrategy;
