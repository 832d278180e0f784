using System.Threading.Channels;

namespace OrdersActors.Server.Commands;

/// <summary>
/// The events between the reader of a file and its publishers. Each organization has a lane, in which events keep the
/// order of the file and at most one batch is under way. It knows which lines are stored.
/// </summary>
/// <remarks>
/// Bounded: the reader waits while the events that are read and not stored take more than <see cref="MaxBytes"/>. Lanes
/// without events are removed. One reader and any number of publishers may call; everything is under one lock.
/// </remarks>
internal sealed class FileLanes(long firstLine)
{
    /// <summary>Most bytes of events that wait or are under way, by the estimate of <see cref="Cost"/>.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    /// <summary>Most bytes of lines in a batch that has more than one.</summary>
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

    /// <summary>How many events are stored.</summary>
    public long Stored { get; private set; }

    /// <summary>Adds the event of a line. Waits while too many are read ahead.</summary>
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

    /// <summary>Passes a line that has no event.</summary>
    public void Skip(long line)
    {
        lock (_lock)
        {
            _lastRead = line;
        }
    }

    /// <summary>There are no more lines. The publishers end when everything is stored.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isRead = true;
            EndIfDone();
        }
    }

    /// <summary>Gives no more batches. Those under way go on.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            _ready.Writer.TryComplete();
            _room?.TrySetResult();
        }
    }

    /// <summary>Takes the next batch of a lane that has none under way; null when there are no more.</summary>
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

    /// <summary>The whole batch is stored; the lane goes on.</summary>
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

    /// <summary>Only the first events of the batch are stored; the lane ends here.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="stored">How many of its events are stored.</param>
    /// <param name="isKnown">False: some of the others may be stored as well.</param>
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

    /// <summary>Which lines are stored, for the person who goes on after a failure.</summary>
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

    /// <summary>About what an event takes in memory: its text in UTF-16, and its objects.</summary>
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

        /// <summary>What was taken and is not known to be stored.</summary>
        public List<PublishedLine> UnderWay { get; } = [];

        public long FirstOpen =>
            UnderWay.Count > 0 ? UnderWay[0].Number : Waiting.TryPeek(out var line) ? line.Number : long.MaxValue;
    }
}
