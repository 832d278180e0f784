namespace OrdersActors;

/// <summary>
/// Decides whether a group of events waits for more of them before it begins. A transaction or a call costs about the
/// same for one event as for ten, so callers that publish at the same time share one.
/// </summary>
/// <remarks>
/// <para><b>When it waits.</b> Only while fewer items wait than there were callers at the latest groups, and only
/// until the interval since the latest group's beginning has passed. So a single caller that awaits each answer never
/// waits, several such callers wait for each other, and independent callers share a group in each interval.</para>
/// <para><b>When callers leave.</b> Each group that is smaller than expected lowers the expectation by one.</para>
/// <para><b>Threads.</b> Not thread-safe.</para>
/// </remarks>
/// <param name="interval">The longest wait, counted from the beginning of the latest group. Zero: never.</param>
/// <param name="time">The clock.</param>
/// <param name="few">While fewer items than this wait, the interval is half as long again.</param>
/// <param name="enough">This number of items never waits for more, because more would save little.</param>
internal sealed class GroupPace(TimeSpan interval, TimeProvider time, int few = 0, int enough = int.MaxValue)
{
    private long _latest;

    /// <summary>The number of waiting items that begin a group at once. At least 1, at most enough.</summary>
    public int Expected { get; private set; } = 1;

    /// <summary>How long a group may wait for more items. Zero if it should begin.</summary>
    /// <param name="waiting">The number of items that wait.</param>
    public TimeSpan MayWait(int waiting)
    {
        if (waiting >= Expected)
        {
            return TimeSpan.Zero;
        }

        var left = (waiting < few ? interval * 1.5 : interval) - time.GetElapsedTime(_latest);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Records that a group begins.</summary>
    /// <param name="callers">The number of callers at this time: those of the group, and others that are known.</param>
    public void Begin(int callers)
    {
        _latest = time.GetTimestamp();
        Expected = Math.Clamp(Math.Max(callers, Expected - 1), 1, enough);
    }
}
