namespace OrdersActors.Storage.EventLog;

/// <summary>How far a partition's delivery is behind its commits, as this process knows it.</summary>
/// <remarks>
/// The delivery is known by the partition's checkpoint, which follows it by a few seconds. So a partition that keeps up
/// also has a small lag. The age of an event counts from the moment at which this process learned of it. Every process
/// that has opened the log knows the lag of all partitions, also of those that another one reads. Not thread-safe:
/// <see cref="PartitionSignal"/> uses it under its lock.
/// </remarks>
internal sealed class PartitionLag(TimeProvider time)
{
    /// <summary>Most entries. While more commits are undelivered, the newest entry stands for all later ones.</summary>
    public const int Capacity = 256;

    /// <summary>Commits within this time share an entry.</summary>
    public static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(100);

    // The undelivered commits, oldest first: the newest position of each entry, and when the entry began.
    private readonly List<(long Position, long Since)> _undelivered = [];
    private long _position;
    private long? _checkpoint;

    /// <summary>Records that all events up to a position are committed.</summary>
    public void Commit(long position)
    {
        if (position <= Math.Max(_position, _checkpoint ?? 0))
        {
            _position = Math.Max(_position, position);
            return;
        }

        _position = position;
        var now = time.GetTimestamp();
        if (_undelivered.Count > 0
            && (_undelivered.Count >= Capacity || time.GetElapsedTime(_undelivered[^1].Since, now) < Resolution))
        {
            _undelivered[^1] = (position, _undelivered[^1].Since);
        }
        else
        {
            _undelivered.Add((position, now));
        }
    }

    /// <summary>Records that all events up to a position are delivered. An older position changes nothing.</summary>
    public void Deliver(long checkpoint)
    {
        if (checkpoint <= _checkpoint)
        {
            return;
        }

        _checkpoint = checkpoint;
        _undelivered.RemoveRange(0, _undelivered.Count(entry => entry.Position <= checkpoint));
    }

    /// <summary>Forgets everything, because positions get a new meaning.</summary>
    public void Clear()
    {
        _undelivered.Clear();
        (_position, _checkpoint) = (0, null);
    }

    /// <summary>The current lag; null if the checkpoint is not known yet.</summary>
    public LagReading? Read() => _checkpoint is { } checkpoint
        ? new LagReading(
            _position, checkpoint,
            _undelivered.Count > 0 ? time.GetElapsedTime(_undelivered[0].Since) : TimeSpan.Zero)
        : null;
}

/// <summary>A partition's delivery at one moment.</summary>
/// <param name="Position">The position of the newest event.</param>
/// <param name="Checkpoint">The position up to which the events have been delivered.</param>
/// <param name="OldestAge">How long the oldest undelivered event has been known; zero if all are delivered.</param>
internal readonly record struct LagReading(long Position, long Checkpoint, TimeSpan OldestAge)
{
    /// <summary>
    /// The number of positions after the checkpoint. With PostgreSQL each is an undelivered event. With SQLite the
    /// partitions share their positions, so fewer of them are events of this partition.
    /// </summary>
    public long Lag => Math.Max(0, Position - Checkpoint);
}
