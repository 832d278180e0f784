namespace OrdersActors.Client;

/// <summary>Not all events of a watch can be had.</summary>
/// <param name="OrderId">The watched order; null for a watch of the organization.</param>
/// <param name="From">The first number that was due.</param>
/// <param name="Earliest">The first number that is kept. The next event has this number.</param>
/// <param name="IsRewritten">
/// False if the events before <paramref name="Earliest"/> are no longer kept. True if the operators restored a backup,
/// or the database lost its last events: then drop what you have, and everything that is kept comes again.
/// </param>
/// <param name="Next">The position at which a watch continues after the gap.</param>
public sealed record OrderGap(string? OrderId, long From, long Earliest, bool IsRewritten, EventPosition Next);
