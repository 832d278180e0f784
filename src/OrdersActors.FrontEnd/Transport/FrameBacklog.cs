namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The frames of an <see cref="OutboundQueue"/> that are not written yet, and their cost in memory
/// (<see cref="WebSocketFrame.Cost"/>). Used under the queue's lock.
/// </summary>
internal sealed class FrameBacklog
{
    /// <summary>
    /// The capacity up to which an empty list is kept. Larger lists are left to the garbage collector.
    /// </summary>
    private const int MaxKeptCapacity = 64;

    // The writer works on one list while frames are added to the other one.
    private List<byte[]> _waiting = [];
    private List<byte[]> _taken = [];
    private byte[]? _pong;

    /// <summary>The cost of all frames that are waiting or being written.</summary>
    public int Bytes { get; private set; }

    public void Add(byte[] frame)
    {
        _waiting.Add(frame);
        Bytes += WebSocketFrame.Cost(frame);
    }

    /// <summary>Returns the cost of all frames if this pong replaced the one that waits.</summary>
    public int BytesWithPong(byte[] frame) =>
        Bytes + WebSocketFrame.Cost(frame) - (_pong is null ? 0 : WebSocketFrame.Cost(_pong));

    /// <summary>Adds a pong, which replaces one that still waits.</summary>
    public void SetPong(byte[] frame) => (Bytes, _pong) = (BytesWithPong(frame), frame);

    /// <summary>
    /// Gives the waiting pong its place among the frames: the first, so that it is not sent later than frames that were
    /// queued after it. Its cost is already counted.
    /// </summary>
    public void PlacePong()
    {
        if (_pong is not null)
        {
            _waiting.Insert(0, _pong);
            _pong = null;
        }
    }

    /// <summary>Takes all waiting frames; null if there are none. The list is valid until the next call.</summary>
    public List<byte[]>? TakeAll()
    {
        PlacePong();
        if (_waiting.Count == 0)
        {
            Trim();
            return null;
        }

        (_waiting, _taken) = (_taken, _waiting);
        return _taken;
    }

    /// <summary>Subtracts the cost of frames that have been written.</summary>
    public void OnWritten(int cost) => Bytes -= cost;

    /// <summary>Drops all waiting frames. Those that are being written stay.</summary>
    public void DiscardWaiting()
    {
        PlacePong();
        foreach (var frame in _waiting)
        {
            Bytes -= WebSocketFrame.Cost(frame);
        }

        _waiting.Clear();
    }

    /// <summary>Drops everything, because nothing will be written any more.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _pong = null;
        Bytes = 0;
    }

    // A client that once had many small frames in its queue must not keep that much memory.
    private void Trim()
    {
        if (_waiting.Capacity > MaxKeptCapacity)
        {
            _waiting = [];
        }

        if (_taken.Capacity > MaxKeptCapacity)
        {
            _taken = [];
        }
    }
}
