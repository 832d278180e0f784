using OrdersActors.FrontEnd.Feeds;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// The ranges of events that subscriptions had sent before they ended during another subscription's replay. The replay
/// does not send them again. Empty on a connection without a replay.
/// </summary>
/// <remarks>
/// At most <see cref="MaxRanges"/> ended subscriptions are recorded in one replay. The replay may send the events
/// of further ones again. This affects only a client that subscribes and unsubscribes a thousand times meanwhile; it
/// drops duplicates by their numbers.
/// </remarks>
internal sealed class SentRanges
{
    private const int MaxRanges = 1000;

    private List<(FeedKey Key, long After, long Through)>? _ranges;

    public bool IsEmpty => _ranges is null;

    public void Add(Subscription ended)
    {
        if (ended.Position > ended.Start && (_ranges ??= []).Count < MaxRanges)
        {
            _ranges.Add((ended.Key, ended.Start, ended.Position));
        }
    }

    public void Clear() => _ranges = null;

    /// <summary>Whether an organization-wide subscription had sent the event.</summary>
    public bool ContainsOrganizationEvent(EventFrame frame) => Contains(null, frame.Sequence);

    /// <summary>Whether a subscription to its order had sent the event.</summary>
    public bool ContainsOrderEvent(EventFrame frame) => Contains(frame.OrderId, frame.Version);

    private bool Contains(string? orderId, long number)
    {
        // There is nearly always no list.
        if (_ranges is null)
        {
            return false;
        }

        foreach (var (key, after, through) in _ranges)
        {
            if (number > after && number <= through && key.OrderId == orderId)
            {
                return true;
            }
        }

        return false;
    }
}
