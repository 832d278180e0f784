namespace OrdersActors.Storage.EventLog;

/// <summary>
/// The newest events of a partition, which the process has just committed. The partition's agent takes them from here
/// and does not read them back from the database.
/// </summary>
/// <remarks>
/// It has every event of the partition after one position, up to the newest. Events that the agent has taken are
/// dropped. So if the agent keeps up, the process holds a few events. The events are bounded in bytes; at the bound the
/// oldest are dropped, and the agent reads them from the database. Thread-safe.
/// </remarks>
/// <param name="since">The position after which every event is added.</param>
internal sealed class RecentEvents(long since)
{
    /// <summary>Most bytes of the events of one partition.</summary>
    public const long MaxBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<PartitionEntry> _entries = [];
    private long _since = since;
    private long _bytes;

    /// <summary>Adds committed events, which follow the newest one.</summary>
    public void Add(IReadOnlyList<PartitionEntry> entries)
    {
        lock (_lock)
        {
            foreach (var entry in entries)
            {
                _entries.Enqueue(entry);
                _bytes += EventSize.Of(entry.Event);
            }

            while (_bytes > MaxBytes)
            {
                DropOldest();
            }
        }
    }

    /// <summary>
    /// Returns the events after a position, oldest first, and drops the events up to it. Returns null if the database
    /// must be read, because some of them are not here.
    /// </summary>
    public IReadOnlyList<PartitionEntry>? Read(long after, int limit)
    {
        lock (_lock)
        {
            if (after < _since)
            {
                return null;
            }

            while (_entries.TryPeek(out var oldest) && oldest.Position <= after)
            {
                DropOldest();
            }

            _since = after;
            var count = Math.Min(limit, _entries.Count);
            if (count == 0)
            {
                return [];
            }

            var page = new List<PartitionEntry>(count);
            foreach (var entry in _entries)
            {
                page.Add(entry);
                if (page.Count == count)
                {
                    break;
                }
            }

            return page;
        }
    }

    /// <summary>Drops everything. From now on, every event after this position is added.</summary>
    public void Clear(long since)
    {
        lock (_lock)
        {
            _entries.Clear();
            _bytes = 0;
            _since = since;
        }
    }

    // Under the lock.
    private void DropOldest()
    {
        var oldest = _entries.Dequeue();
        _since = Math.Max(_since, oldest.Position);
        _bytes -= EventSize.Of(oldest.Event);
    }
}
