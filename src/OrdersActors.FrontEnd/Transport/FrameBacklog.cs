using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The frames of an <see cref="OutboundQueue"/> that are not written yet, and their cost in memory
/// (<see cref="WebSocketFrame.Cost"/>). Used under the queue's lock.
/// </summary>
/// <param name="budget">Counts the cost of all clients' frames; null if there is no such bound.</param>
internal sealed class FrameBacklog(QueueBudget? budget = null)
{
    /// <summary>
    /// The capacity up to which an empty list is kept. Larger lists are left to the garbage collector.
    /// </summary>
    private const int MaxKeptCapacity = 64;

    // The writer works on one list while frames are added to the other one. Null until the first frame must wait,
    // because most clients read at once.
    private List<byte[]>? _waiting;
    private List<byte[]>? _taken;
    private byte[]? _pong;

    // The bytes of the first waiting frame that were sent before it was added.
    private int _sent;

    /// <summary>The cost of all frames that are waiting or being written.</summary>
    public int Bytes
    {
        get;
        private set
        {
            var counted = QueueBudget.Counted(value) - QueueBudget.Counted(field);
            field = value;
            if (counted != 0)
            {
                budget?.Add(counted);
            }
        }
    }

    /// <summary>Adds a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="sent">The number of its bytes that have been sent. If it is not 0, no frame may wait.</param>
    public void Add(byte[] frame, int sent = 0)
    {
        _sent += sent;
        (_waiting ??= []).Add(frame);
        Bytes += WebSocketFrame.Cost(frame);
    }

    /// <summary>Returns the cost of all frames if this pong replaced the one that waits.</summary>
    public int BytesWithPong(byte[] frame) =>
        Bytes + WebSocketFrame.Cost(frame) - (_pong is null ? 0 : WebSocketFrame.Cost(_pong));

    /// <summary>Adds a pong, which replaces one that still waits.</summary>
    public void SetPong(byte[] frame) => (Bytes, _pong) = (BytesWithPong(frame), frame);

    /// <summary>
    /// Gives the waiting pong its place among the frames: the first, so that it is not sent later than frames that were
    /// queued after it. Its cost is already counted. A frame that was sent in part stays in front of it.
    /// </summary>
    public void PlacePong()
    {
        if (_pong is not null)
        {
            (_waiting ??= []).Insert(_sent > 0 ? 1 : 0, _pong);
            _pong = null;
        }
    }

    /// <summary>
    /// Takes all waiting frames, and the number of bytes of the first one that were sent before; null if there are
    /// none. The list is valid until the next call.
    /// </summary>
    public List<byte[]>? TakeAll(out int sent)
    {
        PlacePong();
        (sent, _sent) = (_sent, 0);
        if (_waiting is not { Count: > 0 })
        {
            Trim();
            return null;
        }

        (_waiting, _taken) = (_taken, _waiting);
        return _taken;
    }

    /// <summary>Subtracts the cost of frames that have been written.</summary>
    public void OnWritten(int cost) => Bytes -= cost;

    /// <summary>
    /// Drops all waiting frames, except for one that was sent in part. Those that are being written stay.
    /// </summary>
    public void DiscardWaiting()
    {
        PlacePong();
        if (_waiting is null)
        {
            return;
        }

        var kept = _sent > 0 ? 1 : 0;
        foreach (var frame in _waiting.Skip(kept))
        {
            Bytes -= WebSocketFrame.Cost(frame);
        }

        _waiting.RemoveRange(kept, _waiting.Count - kept);
    }

    /// <summary>Drops everything, because nothing will be written any more.</summary>
    public void Clear()
    {
        _waiting?.Clear();
        (_pong, _sent) = (null, 0);
        Bytes = 0;
    }

    // A client that once had many small frames in its queue must not keep that much memory.
    private void Trim()
    {
        _waiting = _waiting?.Capacity > MaxKeptCapacity ? null : _waiting;
        _taken = _taken?.Capacity > MaxKeptCapacity ? null : _taken;
    }
}
