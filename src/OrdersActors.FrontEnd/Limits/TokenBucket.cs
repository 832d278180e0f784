namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// A budget of tokens that refills over time. It may be overdrawn; the owner decides how far. Not thread-safe.
/// </summary>
internal struct TokenBucket(double size, long now)
{
    private long _refilledAt = now;

    public double Tokens { get; private set; } = size;

    /// <summary>Adds the tokens that have become due since the last call, up to the size.</summary>
    public void Refill(double perSecond, double size, TimeProvider time)
    {
        var now = time.GetTimestamp();
        Tokens = Math.Min(size, Tokens + (time.GetElapsedTime(_refilledAt, now).TotalSeconds * perSecond));
        _refilledAt = now;
    }

    public void Add(double tokens) => Tokens += tokens;

    /// <summary>The time until there is a whole token, as of the last refill.</summary>
    public readonly TimeSpan UntilNext(double perSecond) =>
        Tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - Tokens) / perSecond);
}
