namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// What subscriptions had sent that ended while another one was replaying, so that the replay does not send it again.
/// Empty on a connection that replays nothing.
/// </summary>
/// <remarks>
/// Bounded by <see cref="MaxRemembered"/> ends within one replay. Past it no more are remembered, and what those had sent may
/// come again in the replay: a client that subscribes and unsubscribes a thousand times meanwhile drops it by number.
/// </remarks>
internal sealed class SentEarlier
{
    private const int MaxRemembered = 1000;

    private readonly List<(FeedKey Key, long After, long Through)> _ended = [];

    public void Remember(Subscription ended)
    {
        if (ended.Position > ended.Start && _ended.Count < MaxRemembered)
        {
            _ended.Add((ended.Key, ended.Start, ended.Position));
        }
    }

    public void Clear() => _ended.Clear();

    /// <summary>Whether an organization-wide subscription had sent it.</summary>
    public bool ThroughOrganization(EventFrame frame) => Contains(null, frame.Sequence);

    /// <summary>Whether a subscription to its order had sent it.</summary>
    public bool ThroughOrder(EventFrame frame) => Contains(frame.OrderId, frame.Version);

    private bool Contains(string? orderId, long number)
    {
        // Nearly always empty, and then this is all.
        foreach (var (key, after, through) in _ended)
        {
            if (number > after && number <= through && key.OrderId == orderId)
            {
                return true;
            }
        }

        return false;
    }
}
