using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Judging;

/// <summary>Everything that is known at the end of a run.</summary>
/// <param name="Map">The organizations and orders.</param>
/// <param name="Published">The events that publishers published.</param>
/// <param name="Truth">The whole history of each organization, by the organization's index, in the order in which it
/// was sent.</param>
/// <param name="Clients">The events that clients received.</param>
internal sealed record Evidence(
    Map Map,
    IReadOnlyList<LedgerEvent> Published,
    IReadOnlyList<IReadOnlyList<TruthEvent>> Truth,
    IReadOnlyList<ClientRecord> Clients)
{
    /// <summary>The epoch of the history; null if the server named none.</summary>
    public string? Epoch { get; init; }

    /// <summary>The times when history was rewritten.</summary>
    public IReadOnlyList<Rewrite> Rewrites { get; init; } = [];
}
