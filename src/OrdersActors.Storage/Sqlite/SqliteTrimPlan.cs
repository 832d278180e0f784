namespace OrdersActors.Storage.Sqlite;

/// <summary>What a batch of removing is to do, found beforehand by a reader, so that the writer's thread need not search.</summary>
/// <param name="NewMark">The time mark that is due, if one is.</param>
/// <param name="Oldest">
/// The newest mark that is too old, and with it all that was committed until then; (0, 0) where there is none. Older marks
/// have done their work.
/// </param>
/// <param name="Aged">The partitions that have something too old.</param>
/// <param name="Organizations">The row ids of organizations that have too many events and whose next to go has been delivered.</param>
/// <param name="ClockDoubt">Why nothing is removed by age although something is too old; null if there is no reason.</param>
internal sealed record SqliteTrimPlan(
    TimeMark? NewMark, TimeMark Oldest, IReadOnlyList<AgedPartition> Aged, IReadOnlyList<long> Organizations, string? ClockDoubt)
{
    public bool IsEmpty => NewMark is null && Aged.Count == 0 && Organizations.Count == 0;
}

/// <summary>How far the log had come at a time.</summary>
/// <param name="At">Milliseconds since 1970, UTC.</param>
/// <param name="Position">The newest position that had been committed by then.</param>
internal readonly record struct TimeMark(long At, long Position);

/// <summary>A partition whose events up to a position are too old and have been delivered.</summary>
internal readonly record struct AgedPartition(int Partition, long Position);
