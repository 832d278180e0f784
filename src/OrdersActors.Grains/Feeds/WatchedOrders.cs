namespace OrdersActors.Grains.Feeds;

/// <summary>
/// The set of an organization's watched orders. Most orders are not watched when an event comes, so their grains need
/// not be active.
/// </summary>
/// <remarks>
/// An order's grain calls <see cref="Watch"/> whenever a front end registers with it or renews, and counts as watched
/// for one lease. So a new activation knows all watched orders only after one lease. Until then it treats every order
/// as watched: each event then costs a call, and its order's grain some memory for two minutes. Used only from the
/// organization grain's scheduler.
/// </remarks>
internal sealed class WatchedOrders(TimeSpan lease, TimeProvider time)
{
    private readonly Dictionary<string, long> _since = [];
    private readonly long _createdAt = time.GetTimestamp();
    private long _sweptAt = time.GetTimestamp();

    /// <summary>
    /// Marks the order as watched for one lease. Returns whether it was marked before. An order that this activation
    /// only treated as watched returns false, because its events may have passed through a previous activation.
    /// </summary>
    public bool Watch(string orderId)
    {
        var wasWatched = IsRegistered(orderId);
        _since[orderId] = time.GetTimestamp();
        if (!IsWithinLease(_sweptAt))
        {
            Sweep();
        }

        return wasWatched;
    }

    /// <summary>Whether any order may be watched.</summary>
    public bool Any => _since.Count > 0 || IsWithinLease(_createdAt);

    /// <summary>Whether the order's grain must be notified of its events.</summary>
    public bool Contains(string orderId) => IsWithinLease(_createdAt) || IsRegistered(orderId);

    private bool IsRegistered(string orderId) =>
        _since.TryGetValue(orderId, out var since) && IsWithinLease(since);

    private bool IsWithinLease(long since) => time.GetElapsedTime(since) < lease;

    private void Sweep()
    {
        _sweptAt = time.GetTimestamp();
        foreach (var (orderId, since) in _since)
        {
            if (!IsWithinLease(since))
            {
                // Removing while enumerating is allowed for dictionaries.
                _since.Remove(orderId);
            }
        }
    }
}
