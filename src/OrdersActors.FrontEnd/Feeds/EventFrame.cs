using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>An event of a feed. It is encoded once for all connections that get it.</summary>
internal sealed class EventFrame
{
    private readonly string? _epoch;
    private byte[]? _serverSent;

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
    /// The event in the form that a client gets. The server-sent event is encoded when the first stream needs it, and
    /// is shared after that.
    /// </summary>
    public byte[] In(FrameEncoding encoding) => encoding == FrameEncoding.WebSocket ? Bytes : ServerSent();

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
