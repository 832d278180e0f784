using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// Limits how much, and how fast, the server reads and drops of what a client sends after the server began to close.
/// The client's further sends wait in TCP. Without a pace, 20 clients that sent tiny frames all the time took 1.7
/// cores.
/// </summary>
/// <remarks>
/// A client that is refused while it sends a large message still gets the reason: <see cref="BytesPerStep"/> is one of
/// the largest messages, and they are read at once. Used by one reader, one call at a time.
/// </remarks>
/// <param name="budget">The limit for all clients together.</param>
/// <param name="time">The clock.</param>
internal sealed class DrainPace(DrainBudget budget, TimeProvider time)
{
    /// <summary>The bytes after which the reader pauses.</summary>
    public const int BytesPerStep = 16 * 1024;

    /// <summary>
    /// The bytes that each dropped frame counts, in addition to its payload. Parsing a header takes time, although it
    /// has only a few bytes.
    /// </summary>
    public const int BytesPerFrame = 128;

    /// <summary>
    /// Most bytes that are read and dropped; then the transport is reset. This is a thousand of the largest messages.
    /// </summary>
    public const long MaxBytes = 1024L * BytesPerStep;

    /// <summary>How long the reader pauses after each step, at least.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private long _total;
    private int _step;

    /// <summary>Whether fewer than <see cref="MaxBytes"/> have been dropped.</summary>
    public bool HasLeft => _total < MaxBytes;

    /// <summary>Counts dropped bytes, and pauses if a step is complete.</summary>
    public ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        _total += bytes;
        _step += bytes;
        if (_step < BytesPerStep)
        {
            return ValueTask.CompletedTask;
        }

        _step = 0;
        var turn = budget.Take(BytesPerStep);
        return new ValueTask(Task.Delay(turn > Pause ? turn : Pause, time, cancellationToken));
    }
}
