namespace OrdersActors.Storage.EventLog;

/// <summary>
/// The last events of a partition that this process has read or appended. After an outage of the database they show
/// whether a position now holds another event. Thread-safe; bounded.
/// </summary>
internal sealed class PartitionTail
{
    // A standby is usually fewer commits behind than this, and one differing position is enough. An entry takes 16
    // bytes.
    private const int Capacity = 64;

    private readonly Lock _lock = new();
    private readonly (long Position, int IdHash)[] _entries = new (long, int)[Capacity];

    /// <summary>The remembered positions, in no particular order.</summary>
    public long[] Positions
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Select(entry => entry.Position).Where(position => position > 0)];
            }
        }
    }

    /// <summary>Remembers the last of these events, which are at ascending positions.</summary>
    /// <returns>A position that held another event before; null if no position did.</returns>
    public long? Remember(IReadOnlyList<PartitionEntry> entries)
    {
        lock (_lock)
        {
            long? contradicted = null;
            for (var i = Math.Max(0, entries.Count - Capacity); i < entries.Count; i++)
            {
                contradicted ??= Set(entries[i].Position, entries[i].Event.Id);
            }

            return contradicted;
        }
    }

    /// <summary>Whether a position is known to have held an event with another id.</summary>
    public bool Contradicts(long position, string id)
    {
        lock (_lock)
        {
            var entry = _entries[position % Capacity];
            return entry.Position == position && entry.IdHash != HashOf(id);
        }
    }

    /// <summary>Forgets all positions, because a new epoch begins.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            Array.Clear(_entries);
        }
    }

    // Call under the lock. A position replaces an entry that is a multiple of Capacity before it; an older position
    // never replaces a newer one.
    private long? Set(long position, string id)
    {
        ref var entry = ref _entries[position % Capacity];
        var hash = HashOf(id);
        if (entry.Position == position && entry.IdHash != hash)
        {
            return position;
        }

        if (position > entry.Position)
        {
            entry = (position, hash);
        }

        return null;
    }

    // Hashes are comparable only within this process. Two ids have the same hash once in four billion cases.
    private static int HashOf(string id) => string.GetHashCode(id, StringComparison.Ordinal);
}
