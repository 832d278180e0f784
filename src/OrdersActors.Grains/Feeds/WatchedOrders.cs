namespace OrdersActors.Grains.Feeds;

/// <summary>
/// Which of an organization's orders are watched. Most are not when an event comes, and their grains need not even exist.
/// </summary>
/// <remarks>
/// An order's grain says that it is watched whenever a front end registers with it or renews, and is believed for as long as a
/// front end's lease. So who has just come knows all of them only after one lease, and takes every order for watched until then:
/// each event then costs a call, and its order's grain some memory for two minutes.
/// Used only from the organization grain's scheduler.
/// </remarks>
internal sealed class WatchedOrders(TimeSpan lease, TimeProvider time)
{
    private readonly Dictionary<string, long> _since = [];
    private readonly long _createdAt = time.GetTimestamp();
    private long _sweptAt = time.GetTimestamp();

    /// <summary>
    /// Counts the order as watched for one lease. Returns whether it was before; one that was only taken for it was not, because
    /// this may be new here while events passed elsewhere.
    /// </summary>
    public bool Watch(string orderId)
    {
        var wasWatched = IsSaidToBeWatched(orderId);
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
    public bool Contains(string orderId) => IsWithinLease(_createdAt) || IsSaidToBeWatched(orderId);

    private bool IsSaidToBeWatched(string orderId) => _since.TryGetValue(orderId, out var since) && IsWithinLease(since);

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
