using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Judging;

/// <summary>All that is known when a run is over.</summary>
/// <param name="Map">The organizations and orders.</param>
/// <param name="Published">What publishers published.</param>
/// <param name="Truth">Each organization's whole history, by the organization's index, in the order in which it was sent.</param>
/// <param name="Clients">What clients received.</param>
internal sealed record Evidence(
    Map Map,
    IReadOnlyList<PublishedEvent> Published,
    IReadOnlyList<IReadOnlyList<TruthEvent>> Truth,
    IReadOnlyList<ClientRecord> Clients)
{
    /// <summary>The epoch of the history; null if the server named none.</summary>
    public string? Epoch { get; init; }

    /// <summary>How often, and when, history was rewritten.</summary>
    public IReadOnlyList<Rewrite> Rewrites { get; init; } = [];
}
