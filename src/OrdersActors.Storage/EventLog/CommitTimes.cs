namespace OrdersActors.Storage.EventLog;

/// <summary>When this process committed the newest events of a partition, for metrics.</summary>
/// <remarks>
/// It has one entry for each commit and knows the last <see cref="Capacity"/> commits. An event of an older commit gets
/// the time of the oldest entry, so a slow reader sees a lower bound of its delay. Events that another process
/// committed between two entries get the later one's time. Not thread-safe: <see cref="PartitionSignal"/> uses it under
/// its lock.
/// </remarks>
internal sealed class CommitTimes
{
    /// <summary>Number of entries: one second of a thousand commits. They take 16 KiB.</summary>
    public const int Capacity = 1024;

    // A ring, by ascending positions. Created at the first commit whose time is known.
    private (long Position, long Time)[]? _entries;
    private int _first;
    private int _count;
    private long _after;

    /// <summary>Adds a commit. Ignored if its time is unknown (0) or its position is not after the last one.</summary>
    /// <param name="after">The newest position before the commit; used only for the first entry.</param>
    /// <param name="position">The newest position of the commit.</param>
    /// <param name="time">The time.</param>
    public void Add(long after, long position, long time)
    {
        if (time == 0 || position <= (_count > 0 ? At(_count - 1).Position : after))
        {
            return;
        }

        _entries ??= new (long, long)[Capacity];
        if (_count == 0)
        {
            _after = after;
        }
        else if (_count == Capacity)
        {
            _first = (_first + 1) % Capacity;
            _count--;
        }

        _count++;
        At(_count - 1) = (position, time);
    }

    /// <summary>Returns the time at which an event was committed; 0 if it is unknown.</summary>
    public long Find(long position)
    {
        if (_count == 0 || position <= _after || position > At(_count - 1).Position)
        {
            return 0;
        }

        // The first entry at or after the position.
        var (low, high) = (0, _count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = At(middle).Position < position ? (middle + 1, high) : (low, middle);
        }

        return At(low).Time;
    }

    /// <summary>Forgets everything, because positions get a new meaning.</summary>
    public void Clear() => (_first, _count, _after) = (0, 0, 0);

    private ref (long Position, long Time) At(int index) => ref _entries![(_first + index) % Capacity];
}
