namespace OrdersActors.Publishing;

/// <summary>One outage at a time: it begins with the first failure and ends with the first success.</summary>
internal sealed class Outage(TimeProvider time)
{
    private const long None = -1;

    // The timestamp of the first failure. Compare-and-swap: failures and successes are reported by any thread.
    private long _since = None;

    public bool IsOngoing => Volatile.Read(ref _since) != None;

    /// <summary>True for the first failure of an outage.</summary>
    public bool Begin() => Interlocked.CompareExchange(ref _since, time.GetTimestamp(), None) == None;

    /// <summary>The duration of the outage that ends now, or null if there was none.</summary>
    public TimeSpan? End() =>
        Interlocked.Exchange(ref _since, None) is var since && since != None ? time.GetElapsedTime(since) : null;
}
