namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// One budget (<see cref="TokenBucket"/>) of failures for each address or key. A budget may be overdrawn, and then
/// takes longer to refill.
/// </summary>
/// <remarks>
/// Memory is bounded: at most <see cref="MaxBudgets"/> budgets are kept, and full ones are removed to make room. If all
/// of them are in use, all further addresses or keys share one budget. Not thread-safe.
/// </remarks>
/// <param name="size">The failures that a full budget admits.</param>
/// <param name="perSecond">The failures by which a budget refills each second.</param>
/// <param name="time">The clock.</param>
/// <param name="maxOverdraft">The failures by which a budget may be overdrawn. Further ones are not counted.</param>
internal sealed class BudgetTable<TKey>(
    double size, double perSecond, TimeProvider time, double maxOverdraft = double.PositiveInfinity)
    where TKey : notnull
{
    /// <summary>About 100 bytes each, so 1 MB in total.</summary>
    public const int MaxBudgets = 10_000;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<TKey, TokenBucket> _used = [];
    private TokenBucket _shared = new(size, time.GetTimestamp());
    private long _sweptAt = time.GetTimestamp();

    /// <summary>The number of addresses or keys that have a budget of their own.</summary>
    public int Count => _used.Count;

    /// <summary>Returns the time until the budget admits another failure; zero if it admits one now.</summary>
    public TimeSpan GetWait(TKey key)
    {
        // Without an entry, the budget is full, or it is the shared one if no room is left.
        var bucket = _used.TryGetValue(key, out var own) ? own
            : HasRoom() ? new TokenBucket(size, time.GetTimestamp())
            : _shared;
        bucket.Refill(perSecond, size, time);
        return bucket.UntilNext(perSecond);
    }

    /// <summary>Counts a failure, or several. Returns the time until the budget is no longer overdrawn.</summary>
    public TimeSpan Spend(TKey key, int failures = 1)
    {
        TokenBucket spent;
        if (_used.TryGetValue(key, out var bucket))
        {
            _used[key] = spent = Spend(bucket, failures);
        }
        else if (HasRoom())
        {
            _used[key] = spent = Spend(new TokenBucket(size, time.GetTimestamp()), failures);
        }
        else
        {
            _shared = spent = Spend(_shared, failures);
        }

        return spent.Tokens < 0 ? TimeSpan.FromSeconds(-spent.Tokens / perSecond) : TimeSpan.Zero;
    }

    private TokenBucket Spend(TokenBucket bucket, int failures)
    {
        bucket.Refill(perSecond, size, time);
        bucket.Add(-Math.Min(failures, bucket.Tokens + maxOverdraft));
        return bucket;
    }

    /// <summary>
    /// Returns whether there is room for one more budget. Removes full budgets first, at most once per
    /// <see cref="SweepInterval"/>.
    /// </summary>
    private bool HasRoom()
    {
        if (_used.Count >= MaxBudgets && time.GetElapsedTime(_sweptAt) >= SweepInterval)
        {
            _sweptAt = time.GetTimestamp();
            foreach (var (key, bucket) in _used)
            {
                var refilled = bucket;
                refilled.Refill(perSecond, size, time);
                if (refilled.Tokens >= size)
                {
                    _used.Remove(key);
                }
            }
        }

        return _used.Count < MaxBudgets;
    }
}
