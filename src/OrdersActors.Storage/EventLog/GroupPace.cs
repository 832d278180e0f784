namespace OrdersActors.Storage.EventLog;

/// <summary>
/// Decides whether a writer waits for more appends before it begins a transaction. A transaction costs about the same
/// for one event as for ten, so callers that append at the same time share one.
/// </summary>
/// <remarks>
/// <para><b>When it waits.</b> Only while fewer appends wait than the latest groups had, and only until the interval
/// since the latest group's beginning has passed. So a single caller that awaits each append never waits, several such
/// callers wait for each other, and independent callers share a transaction in each interval.</para>
/// <para><b>When callers leave.</b> Each group that is smaller than expected lowers the expectation by one.</para>
/// <para><b>Threads.</b> One writer uses it.</para>
/// </remarks>
/// <param name="interval">The longest wait, counted from the beginning of the latest group. Zero: never.</param>
/// <param name="time">The clock.</param>
internal sealed class GroupPace(TimeSpan interval, TimeProvider time)
{
    private long _latest;

    /// <summary>The number of waiting appends that begin a group at once. At least 1.</summary>
    public int Expected { get; private set; } = 1;

    /// <summary>How long the writer may wait for more appends. Zero if it should begin.</summary>
    /// <param name="waiting">The number of appends that wait.</param>
    public TimeSpan MayWait(int waiting)
    {
        if (waiting >= Expected)
        {
            return TimeSpan.Zero;
        }

        var left = interval - time.GetElapsedTime(_latest);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Records that a group begins.</summary>
    /// <param name="appends">The number of its appends.</param>
    public void Begin(int appends)
    {
        _latest = time.GetTimestamp();
        Expected = Math.Max(Math.Max(appends, Expected - 1), 1);
    }
}
