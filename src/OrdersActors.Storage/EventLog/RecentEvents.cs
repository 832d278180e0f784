namespace OrdersActors.Storage.EventLog;

/// <summary>
/// The newest events of a partition, which the process has just committed. The partition's agent takes them from here
/// and does not read them back from the database.
/// </summary>
/// <remarks>
/// It has every event of the partition after one position, up to the newest. Events that the agent has taken are
/// dropped. So if the agent keeps up, the process holds a few events. The events are bounded in bytes; at the bound the
/// oldest are dropped, and the agent reads them from the database. Thread-safe; no code under the lock takes another
/// lock.
/// <para>With PostgreSQL other processes append to the partition as well, and a new epoch may begin. So the writer says
/// which position its events follow, and the reader says which epoch it knows. If either does not fit, the database is
/// read.</para>
/// </remarks>
/// <param name="since">The position after which every event is added.</param>
internal sealed class RecentEvents(long since)
{
    /// <summary>Most bytes of the events of one partition.</summary>
    public const long MaxBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<PartitionEntry> _entries = [];
    private long _since = since;
    private long _newest = since;
    private string? _epoch;
    private long _bytes;

    /// <summary>Adds committed events, which follow the newest one.</summary>
    public void Add(IReadOnlyList<PartitionEntry> entries)
    {
        lock (_lock)
        {
            AddAll(entries);
        }
    }

    /// <summary>
    /// Adds the committed events that follow a position: the log has no other event between that position and the last
    /// of them. If other events are missing before them, or they are of another epoch, the older events are dropped.
    /// </summary>
    public void AddAfter(long after, IReadOnlyList<PartitionEntry> entries)
    {
        var epoch = entries[^1].Event.Epoch;
        lock (_lock)
        {
            if (after != _newest || epoch != _epoch)
            {
                Drop(after);
                _epoch = epoch;
            }

            AddAll(entries);
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
            return Take(after, limit);
        }
    }

    /// <summary>
    /// Does the same for a reader that knows the log under an epoch. Returns null as well if the events here are of
    /// another epoch, or if the reader is ahead of them. An empty result says that no event after the position was
    /// added; another process may have appended one.
    /// </summary>
    public IReadOnlyList<PartitionEntry>? Read(long after, int limit, string epoch)
    {
        lock (_lock)
        {
            return epoch == _epoch && after <= _newest ? Take(after, limit) : null;
        }
    }

    /// <summary>Drops everything. From now on, every event after this position is added.</summary>
    public void Clear(long since)
    {
        lock (_lock)
        {
            Drop(since);
        }
    }

    /// <summary>Drops everything, and knows no position. Events are here again after the next append.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            Drop(long.MaxValue);
            _epoch = null;
        }
    }

    // All methods below: under the lock.
    private void AddAll(IReadOnlyList<PartitionEntry> entries)
    {
        foreach (var entry in entries)
        {
            _entries.Enqueue(entry);
            _bytes += EventSize.Of(entry.Event);
            _newest = entry.Position;
        }

        while (_bytes > MaxBytes)
        {
            DropOldest();
        }
    }

    private List<PartitionEntry>? Take(long after, int limit)
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
        var page = new List<PartitionEntry>(count);
        foreach (var entry in _entries)
        {
            if (page.Count == count)
            {
                break;
            }

            page.Add(entry);
        }

        return page;
    }

    private void Drop(long since)
    {
        _entries.Clear();
        _bytes = 0;
        _since = _newest = since;
    }

    private void DropOldest()
    {
        var oldest = _entries.Dequeue();
        _since = Math.Max(_since, oldest.Position);
        _bytes -= EventSize.Of(oldest.Event);
    }
}
