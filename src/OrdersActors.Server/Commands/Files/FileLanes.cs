using System.Threading.Channels;

namespace OrdersActors.Server.Commands.Files;

/// <summary>
/// The queues between the reader of a file and its publishers. Each organization has a lane. In a lane, events keep the
/// order of the file, and at most one batch is in flight. The lanes also record which lines are stored.
/// </summary>
/// <remarks>
/// Bounded: the reader waits while the events that are read but not stored take more than <see cref="MaxBytes"/>. Empty
/// lanes are removed. One reader and any number of publishers may call; one lock protects all state.
/// </remarks>
internal sealed class FileLanes(long firstLine)
{
    /// <summary>
    /// The limit for the bytes of events that wait or are in flight, as estimated by <see cref="Cost"/>. One more event
    /// may exceed it.
    /// </summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    /// <summary>The maximum bytes of the lines in a batch that has more than one line.</summary>
    public const int MaxBatchBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lane> _lanes = [];
    private readonly Channel<Lane> _ready = Channel.CreateUnbounded<Lane>();
    private TaskCompletionSource? _room;
    private long _bytes;
    private int _working;
    private bool _isRead;
    private bool _isStopped;
    private long _lastRead = firstLine - 1;
    private long _lastSent = firstLine - 1;
    private long _lastSentWithoutId = firstLine - 1;

    /// <summary>The number of stored events.</summary>
    public long Stored { get; private set; }

    /// <summary>Adds the event of a line. Waits while the limit is exceeded.</summary>
    public async ValueTask AddAsync(PublishedLine line, CancellationToken cancellationToken)
    {
        Task? room;
        lock (_lock)
        {
            room = _bytes > MaxBytes && !_isStopped ? (_room ??= NewSource()).Task : null;
        }

        if (room is not null)
        {
            await room.WaitAsync(cancellationToken);
        }

        lock (_lock)
        {
            _bytes += Cost(line);
            _lastRead = line.Number;
            if (!_lanes.TryGetValue(line.OrganizationId, out var lane))
            {
                _lanes.Add(line.OrganizationId, lane = new Lane());
                MakeReady(lane);
            }

            lane.Waiting.Enqueue(line);
        }
    }

    /// <summary>Counts a line that has no event.</summary>
    public void Skip(long line)
    {
        lock (_lock)
        {
            _lastRead = line;
        }
    }

    /// <summary>Notes that there are no more lines. The publishers end when no lane has work left.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isRead = true;
            EndIfDone();
        }
    }

    /// <summary>Hands out no more batches. Batches in flight continue.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            _ready.Writer.TryComplete();
            _room?.TrySetResult();
        }
    }

    /// <summary>Takes the next batch of a lane that has none in flight; null if there are no more.</summary>
    public async ValueTask<FileBatch?> TakeAsync()
    {
        while (await _ready.Reader.WaitToReadAsync())
        {
            lock (_lock)
            {
                if (!_isStopped && _ready.Reader.TryRead(out var lane))
                {
                    return Take(lane);
                }

                if (_isStopped)
                {
                    return null;
                }
            }
        }

        return null;
    }

    /// <summary>Notes that the whole batch is stored. Its lane continues with the next batch.</summary>
    public void Succeeded(FileBatch batch)
    {
        lock (_lock)
        {
            var lane = Release(batch, batch.Lines.Count);
            _working--;
            if (lane.Waiting.Count == 0)
            {
                _lanes.Remove(batch.OrganizationId);
            }
            else
            {
                MakeReady(lane);
            }

            EndIfDone();
        }
    }

    /// <summary>Notes that only the first events of the batch are stored. Its lane publishes nothing more.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="stored">How many of its events are stored.</param>
    /// <param name="isKnown">Whether the others are known not to be stored. If false, some may be stored.</param>
    public void Failed(FileBatch batch, int stored, bool isKnown)
    {
        lock (_lock)
        {
            Release(batch, stored);
            if (!isKnown)
            {
                Sent(batch.Lines.Skip(stored));
            }

            _working--;
            EndIfDone();
        }
    }

    /// <summary>Returns which lines are stored, so that the user can continue after a failure.</summary>
    public FileState GetState()
    {
        lock (_lock)
        {
            var firstOpen = _lastRead + 1;
            foreach (var lane in _lanes.Values)
            {
                firstOpen = Math.Min(firstOpen, lane.FirstOpen);
            }

            return new FileState(Stored, firstOpen, _lastSent >= firstOpen, _lastSentWithoutId >= firstOpen);
        }
    }

    /// <summary>Estimates the memory of an event: its text in UTF-16 and its objects.</summary>
    private static long Cost(PublishedLine line) => (2L * line.Length) + 512;

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static FileBatch Take(Lane lane)
    {
        var bytes = 0;
        while (lane.UnderWay.Count < OrderEventRules.MaxBatch
            && lane.Waiting.TryPeek(out var line)
            && (lane.UnderWay.Count == 0 || bytes + line.Length <= MaxBatchBytes))
        {
            lane.UnderWay.Add(lane.Waiting.Dequeue());
            bytes += line.Length;
        }

        return new FileBatch(lane.UnderWay[0].OrganizationId, [.. lane.UnderWay]);
    }

    private Lane Release(FileBatch batch, int stored)
    {
        var lane = _lanes[batch.OrganizationId];
        Stored += stored;
        _bytes -= batch.Lines.Sum(Cost);
        Sent(batch.Lines.Take(stored));
        lane.UnderWay.RemoveRange(0, stored);
        if (_bytes <= MaxBytes)
        {
            _room?.TrySetResult();
            _room = null;
        }

        return lane;
    }

    private void Sent(IEnumerable<PublishedLine> lines)
    {
        foreach (var line in lines)
        {
            _lastSent = Math.Max(_lastSent, line.Number);
            _lastSentWithoutId = line.HasId ? _lastSentWithoutId : Math.Max(_lastSentWithoutId, line.Number);
        }
    }

    private void MakeReady(Lane lane)
    {
        _working++;
        _ready.Writer.TryWrite(lane);
    }

    private void EndIfDone()
    {
        if (_isRead && _working == 0)
        {
            _ready.Writer.TryComplete();
        }
    }

    private sealed class Lane
    {
        public Queue<PublishedLine> Waiting { get; } = [];

        /// <summary>
        /// The lines of the batch in flight, or those of a failed batch that are not known to be stored.
        /// </summary>
        public List<PublishedLine> UnderWay { get; } = [];

        public long FirstOpen =>
            UnderWay.Count > 0 ? UnderWay[0].Number : Waiting.TryPeek(out var line) ? line.Number : long.MaxValue;
    }
}
