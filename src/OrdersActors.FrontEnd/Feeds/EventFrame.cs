using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>An event of a feed. It is encoded once for all connections that get it.</summary>
internal sealed class EventFrame
{
    private readonly string? _epoch;
    private byte[]? _serverSent;
    private byte[]? _compressed;
    private object? _compressing;

    public EventFrame(FeedKey feed, EncodedOrderEvent e)
    {
        OrderId = e.OrderId;
        Version = e.Version;
        Sequence = e.Sequence;
        Number = feed.NumberOf(e);
        _epoch = e.Epoch;
        Bytes = feed.IsOrganization ? ServerFrames.OrganizationEvent(e) : ServerFrames.OrderEvent(e);
    }

    /// <summary>The event's number in the feed through which it came.</summary>
    public long Number { get; }

    public string OrderId { get; }

    public long Version { get; }

    public long Sequence { get; }

    /// <summary>The WebSocket frame.</summary>
    public byte[] Bytes { get; }

    /// <summary>
    /// The WebSocket frame for clients that agreed to compression. It is compressed once, when the first client needs
    /// it, and is shared after that. It is <see cref="Bytes"/> itself if compression does not pay.
    /// </summary>
    public byte[] Compressed => Volatile.Read(ref _compressed) ?? Compress();

    /// <summary>
    /// The event in the form that a client gets. The server-sent event is encoded when the first stream needs it, and
    /// is shared after that.
    /// </summary>
    /// <param name="encoding">The client's encoding.</param>
    /// <param name="window">The client's <see cref="IClientChannel.CompressionWindow"/>.</param>
    public byte[] In(FrameEncoding encoding, int window = 0) =>
        encoding != FrameEncoding.WebSocket ? ServerSent() : Bytes.Length <= window ? Compressed : Bytes;

    // Groups of listeners need the frame at the same time on several threads. The lock is a leaf: the others wait
    // for the first one, which takes less time than to compress the frame again.
    private byte[] Compress() =>
        LazyInitializer.EnsureInitialized(ref _compressed, ref _compressing, () => MessageDeflate.Compress(Bytes));

    private byte[] ServerSent()
    {
        if (Volatile.Read(ref _serverSent) is { } encoded)
        {
            return encoded;
        }

        encoded = ServerSentEvents.Event(_epoch, Number, ServerFrames.EventOf(Bytes));
        return Interlocked.CompareExchange(ref _serverSent, encoded, null) ?? encoded;
    }
}
