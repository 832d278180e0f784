namespace OrdersActors.Cluster.Appends;

/// <summary>One of several appends that share a call of <see cref="IHomeAppendGrain.StoreAll"/>.</summary>
/// <param name="OrganizationId">The organization of the events.</param>
/// <param name="Events">The events, stored in order, all or none.</param>
/// <param name="Trace">
/// The span of the append, in the text form of W3C Trace Context; null if nobody samples it, or from a silo of a
/// previous version.
/// </param>
[GenerateSerializer, Immutable, Alias("OrdersActors.Cluster.HomeAppend")]
internal readonly record struct HomeAppend(
    [property: Id(0)] string OrganizationId,
    [property: Id(1)] OrderStatusEvent[] Events,
    [property: Id(2)] string? Trace = null);

/// <summary>The answer to a <see cref="HomeAppend"/>: either what was stored, or why it was not.</summary>
/// <param name="Stored">What was stored, in the order of the events; null if the append failed.</param>
/// <param name="Fault">What <see cref="IHomeAppendGrain.Store"/> would throw; null if the append succeeded.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.Cluster.HomeAppendAnswer")]
internal readonly record struct HomeAppendAnswer(
    [property: Id(0)] PublishedEvent[]? Stored,
    [property: Id(1)] Exception? Fault);
