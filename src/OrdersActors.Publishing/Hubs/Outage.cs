namespace OrdersActors.Publishing.Hubs;

/// <summary>
/// Tracks one outage at a time. An outage begins with the first failure and ends with the first success.
/// </summary>
internal sealed class Outage(TimeProvider time)
{
    private const long None = -1;

    // The timestamp of the first failure. Atomic operations, because any thread may report failures and successes.
    private long _since = None;

    public bool IsOngoing => Volatile.Read(ref _since) != None;

    /// <summary>Notes a failure. Returns true if it is the first of an outage.</summary>
    public bool Begin() => Interlocked.CompareExchange(ref _since, time.GetTimestamp(), None) == None;

    /// <summary>Notes a success. Returns the duration of the outage that it ends, or null if there was none.</summary>
    public TimeSpan? End() =>
        Interlocked.Exchange(ref _since, None) is var since && since != None ? time.GetElapsedTime(since) : null;
}
