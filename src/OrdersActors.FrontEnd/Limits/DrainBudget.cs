namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Limits how fast the server reads and drops what clients send after the server began to close, for all of them
/// together. Each of them is slow, but hundreds that sent tiny frames all the time took half of a core, in bursts that
/// delayed the events of others by up to 100 ms. Thread-safe.
/// </summary>
internal sealed class DrainBudget(TimeProvider time)
{
    /// <summary>Most bytes per second. Each client's first bytes, which are read at once, are not counted.</summary>
    public const int BytesPerSecond = 8 * 1024 * 1024;

    /// <summary>
    /// The longest wait. It is the default of <see cref="FrontEndOptions.CloseTimeout"/>, so a connection that would
    /// wait longer has ended by then, and it takes no turn.
    /// </summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();

    // Always overdrawn or empty: what was not used does not add up.
    private TokenBucket _bucket = new(size: 0, time.GetTimestamp());

    /// <summary>
    /// Takes a turn to read bytes. Returns the time until it comes, at most <see cref="MaxWait"/>.
    /// </summary>
    public TimeSpan Take(int bytes)
    {
        lock (_lock)
        {
            _bucket.Refill(BytesPerSecond, size: 0, time);
            var wait = TimeSpan.FromSeconds(-_bucket.Tokens / BytesPerSecond);
            if (wait >= MaxWait)
            {
                return MaxWait;
            }

            _bucket.Add(-bytes);
            return wait;
        }
    }
}
