namespace OrdersActors.Checker.Judging;

/// <summary>An event of the whole history, which a new client reads at the end of the run.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Order">The order, by index.</param>
/// <param name="Version">The number in the order.</param>
/// <param name="Sequence">The number in the organization.</param>
/// <param name="Content">The <see cref="World.ContentHash"/> of the event.</param>
internal readonly record struct TruthEvent(string Id, int Order, long Version, long Sequence, ulong Content);
