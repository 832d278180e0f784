namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// How much one batch of removing may do, so that the appends behind it wait no longer than about 5 ms.
/// </summary>
/// <remarks>
/// Measured with 500,000 events of 200 bytes in the log: an event takes 6 µs to remove where event ids rise and 14 µs where
/// they are random, because each then stands on another page of its index: 256 take 1.5 to 3.7 ms with their commit. An event
/// of 60 KB takes 45 µs, and a cold disk takes what it takes: hence the time, which is looked at between slices.
/// </remarks>
internal sealed class SqliteTrimBudget(TimeProvider time)
{
    /// <summary>Most events that are removed or passed by.</summary>
    public const int MaxEvents = 256;

    // Besides the commit.
    private static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(3);

    // 1.5 ms at the largest events.
    private const int SliceSize = 32;

    private readonly long _start = time.GetTimestamp();
    private int _left = MaxEvents;

    /// <summary>Never before something was done, so that even the slowest disk gets on.</summary>
    public bool IsSpent => _left <= 0 || (_left < MaxEvents && time.GetElapsedTime(_start) >= MaxTime);

    /// <summary>How many events the next statement may remove, at least one.</summary>
    public int Slice => Math.Clamp(_left, 1, SliceSize);

    /// <summary>How many events were removed.</summary>
    public int Removed { get; private set; }

    /// <summary>Events were passed by.</summary>
    public void Pass(int events) => _left -= events;

    /// <summary>Events were removed.</summary>
    public void Remove(int events)
    {
        _left -= events;
        Removed += events;
    }
}
