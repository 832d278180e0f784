using OrdersActors.FrontEnd.Feeds;

namespace OrdersActors.Tests.Support;

/// <summary>A listener of a feed that records its calls, which come one at a time.</summary>
internal sealed class RecordingListener : IFeedListener
{
    private readonly List<long> _numbers = [];

    public IFeedMembership? Membership { get; private set; }

    /// <summary>The last number of the feed when the listener joined, or that it was notified of later.</summary>
    public long Last { get; private set; } = -1;

    public bool IsDenied { get; private set; }

    /// <summary>The numbers of the events.</summary>
    public long[] Numbers
    {
        get
        {
            lock (_numbers)
            {
                return [.. _numbers];
            }
        }
    }

    public void OnJoined(IFeedMembership membership, long last) => (Membership, Last) = (membership, last);

    public void OnEvent(EventFrame frame)
    {
        lock (_numbers)
        {
            _numbers.Add(frame.Number);
        }
    }

    public void OnLast(long last) => Last = last;

    public void OnDenied() => IsDenied = true;
}
