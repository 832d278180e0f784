using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>An event of a feed. It is encoded as a frame once for all connections that get it.</summary>
internal sealed class EventFrame
{
    public EventFrame(FeedKey feed, EncodedOrderEvent e)
    {
        OrderId = e.OrderId;
        Version = e.Version;
        Sequence = e.Sequence;
        Number = feed.NumberOf(e);
        Bytes = feed.IsOrganization ? ServerFrames.OrganizationEvent(e) : ServerFrames.OrderEvent(e);
    }

    /// <summary>The event's number in the feed through which it came.</summary>
    public long Number { get; }

    public string OrderId { get; }

    public long Version { get; }

    public long Sequence { get; }

    public byte[] Bytes { get; }
}
