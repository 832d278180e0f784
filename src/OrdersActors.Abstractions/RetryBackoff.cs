namespace OrdersActors;

/// <summary>
/// The delays between retries: the first delay, then each one longer than the one before by a constant factor, up to
/// the longest. A success resets it.
/// </summary>
/// <remarks>
/// Many processes that lose the same server would retry at the same moments. So each delay may be shortened at random
/// by a part of it, the jitter. Not thread-safe: one retry loop owns it.
/// </remarks>
public sealed class RetryBackoff
{
    private readonly TimeSpan _first;
    private readonly TimeSpan _longest;
    private readonly double _factor;
    private readonly double _jitter;

    /// <param name="first">The delay before the first retry, more than 0.</param>
    /// <param name="longest">
    /// The longest delay. If it is shorter than the first delay, all delays are as long as the first.
    /// </param>
    /// <param name="factor">The ratio of a delay to the one before, at least 1.</param>
    /// <param name="jitter">The largest part of a delay that is left out at random, 0 to 1; 0 for exact delays.</param>
    public RetryBackoff(TimeSpan first, TimeSpan longest, double factor = 2, double jitter = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(first, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(jitter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(jitter, 1);
        (_first, _longest, _factor, _jitter) = (first, longest > first ? longest : first, factor, jitter);
        Delay = first;
    }

    /// <summary>The upper bound of the next delay: its length without jitter.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>Returns the length of the next delay, with jitter, and increases <see cref="Delay"/>.</summary>
    public TimeSpan Next()
    {
        var delay = Delay;
        // The division cannot overflow, whatever the lengths are.
        Delay = _longest / _factor > delay ? delay * _factor : _longest;
        return _jitter > 0 ? delay * (1 - (_jitter * Random.Shared.NextDouble())) : delay;
    }

    /// <summary>Waits for the next delay. Returns false if the wait was cancelled.</summary>
    public async Task<bool> WaitAsync(TimeProvider time, CancellationToken cancellationToken = default)
    {
        await Task.Delay(Next(), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }

    /// <summary>Begins again with the first delay, after a success.</summary>
    public void Reset() => Delay = _first;
}
