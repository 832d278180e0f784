namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Consecutive events of one feed, which its listeners get together. A listener to which all of them are due sends them
/// as joined frames, which are made once for all connections.
/// </summary>
internal sealed class FrameBatch
{
    /// <summary>
    /// Most bytes of joined frames, unless a single frame is larger. A connection's queue takes or refuses them as a
    /// whole, so they are small beside its bound.
    /// </summary>
    public const int MaxJoined = 16 * 1024;

    private readonly EventFrame[] _frames;
    private readonly int _longest;
    private byte[][]? _joined;
    private byte[][]? _compressed;

    public FrameBatch(EventFrame[] frames, FrameTimes times = default)
    {
        _frames = frames;
        Times = times;
        IsContiguous = frames[^1].Number - frames[0].Number == frames.Length - 1;
        foreach (var frame in frames)
        {
            NewestSequence = Math.Max(NewestSequence, frame.Sequence);
            _longest = Math.Max(_longest, frame.Bytes.Length);
        }
    }

    /// <summary>The events, by ascending numbers; at least one.</summary>
    public ReadOnlySpan<EventFrame> Frames => _frames;

    /// <summary>The moments of the first event's way.</summary>
    public FrameTimes Times { get; }

    public long First => _frames[0].Number;

    public long Last => _frames[^1].Number;

    /// <summary>Whether the numbers have no gap.</summary>
    public bool IsContiguous { get; }

    /// <summary>The highest sequence of the events.</summary>
    public long NewestSequence { get; }

    /// <summary>The WebSocket frames of all events, joined to parts of about <see cref="MaxJoined"/> bytes.</summary>
    public byte[][] Joined => JoinedOnce(ref _joined, isCompressed: false);

    /// <summary>
    /// The same for a client with this <see cref="Protocol.IClientChannel.CompressionWindow"/>: the compressed frames
    /// if all events fit into the window, and otherwise <see cref="Joined"/>.
    /// </summary>
    public byte[][] JoinedFor(int window) =>
        _longest <= window ? JoinedOnce(ref _compressed, isCompressed: true) : Joined;

    private byte[][] JoinedOnce(ref byte[][]? shared, bool isCompressed)
    {
        if (Volatile.Read(ref shared) is { } joined)
        {
            return joined;
        }

        joined = Join(isCompressed ? static frame => frame.Compressed : static frame => frame.Bytes);
        return Interlocked.CompareExchange(ref shared, joined, null) ?? joined;
    }

    private byte[][] Join(Func<EventFrame, byte[]> bytesOf)
    {
        if (_frames.Length == 1)
        {
            return [bytesOf(_frames[0])];
        }

        var parts = new List<byte[]>();
        for (var first = 0; first < _frames.Length;)
        {
            var (end, length) = (first, 0);
            do
            {
                length += bytesOf(_frames[end++]).Length;
            }
            while (end < _frames.Length && length + bytesOf(_frames[end]).Length <= MaxJoined);

            parts.Add(Join(bytesOf, first, end, length));
            first = end;
        }

        return [.. parts];
    }

    private byte[] Join(Func<EventFrame, byte[]> bytesOf, int first, int end, int length)
    {
        var part = GC.AllocateUninitializedArray<byte>(length);
        var filled = 0;
        for (var i = first; i < end; i++)
        {
            var bytes = bytesOf(_frames[i]);
            bytes.CopyTo(part, filled);
            filled += bytes.Length;
        }

        return part;
    }
}
