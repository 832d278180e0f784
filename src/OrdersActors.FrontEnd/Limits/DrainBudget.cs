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

    // When everything that was taken may have been read: a timestamp of the time provider.
    private long _freeAt = time.GetTimestamp();

    /// <summary>
    /// Takes a turn to read bytes. Returns the time until it comes, at most <see cref="MaxWait"/>.
    /// </summary>
    public TimeSpan Take(int bytes)
    {
        var now = time.GetTimestamp();
        var cost = bytes * time.TimestampFrequency / BytesPerSecond;
        while (true)
        {
            var freeAt = Volatile.Read(ref _freeAt);
            var turn = Math.Max(freeAt, now);
            var wait = time.GetElapsedTime(now, turn);
            if (wait >= MaxWait)
            {
                return MaxWait;
            }

            if (Interlocked.CompareExchange(ref _freeAt, turn + cost, freeAt) == freeAt)
            {
                return wait;
            }
        }
    }
}
