namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The plan of a removal batch. A reader makes it in advance, so that the writer's thread does not have to search.
/// </summary>
/// <param name="NewMark">The time mark to add; null if none is due.</param>
/// <param name="Oldest">
/// The newest mark that is too old, so all events committed until then are too old; (0, 0) if no mark is. Older marks
/// are no longer needed.
/// </param>
/// <param name="Aged">The partitions with events that are too old.</param>
/// <param name="Organizations">
/// The row ids of organizations that have too many events and whose next event to remove has been delivered.
/// </param>
/// <param name="UntrustedClock">
/// Why no event is removed by age although some are too old; null if the clock is trusted or no event is too old.
/// </param>
internal sealed record SqliteTrimPlan(
    TimeMark? NewMark,
    TimeMark Oldest,
    IReadOnlyList<AgedPartition> Aged,
    IReadOnlyList<long> Organizations,
    string? UntrustedClock)
{
    public bool IsEmpty => NewMark is null && Aged.Count == 0 && Organizations.Count == 0;
}

/// <summary>The newest position of the log at a time.</summary>
/// <param name="At">Milliseconds since 1970, UTC.</param>
/// <param name="Position">The newest position that was committed by then.</param>
internal readonly record struct TimeMark(long At, long Position);

/// <summary>A partition whose events up to a position are too old and have been delivered.</summary>
internal readonly record struct AgedPartition(int Partition, long Position);
