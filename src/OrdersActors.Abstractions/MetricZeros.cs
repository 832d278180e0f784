namespace OrdersActors;

/// <summary>
/// Counters with tags exist for a collector only after the first count. A rate over such a counter misses the first
/// count, and an alert cannot distinguish "never" from "not collected". So the server counts 0 for each known value of
/// a tag when its collector has started.
/// </summary>
/// <remarks>Parts of the server register when they are added to its services. Thread-safe.</remarks>
internal static class MetricZeros
{
    private static readonly Lock Lock = new();

    // A part may be added several times in one process, by tests.
    private static readonly HashSet<Action> Parts = [OrderMetrics.CountZeros];

    /// <summary>Adds a part. Its action counts 0 for each known value of its tags.</summary>
    public static void Register(Action countZeros)
    {
        lock (Lock)
        {
            Parts.Add(countZeros);
        }
    }

    /// <summary>Counts 0 everywhere.</summary>
    public static void CountAll()
    {
        Action[] parts;
        lock (Lock)
        {
            parts = [.. Parts];
        }

        Array.ForEach(parts, static part => part());
    }
}
