namespace OrdersActors.Storage;

/// <summary>The result of a call of <see cref="IEventLog.TrimAsync"/>.</summary>
/// <param name="Removed">The number of removed events.</param>
/// <param name="IsMore">Whether there may be more to remove.</param>
/// <param name="OldestKept">
/// When the oldest kept event occurred. The last batch of a pass that removed events has it, if an event is kept. Other
/// batches may leave it null.
/// </param>
/// <param name="UntrustedClock">
/// Why no event was removed by age although one is old enough by the clock; null if the clock is trusted.
/// </param>
public readonly record struct TrimResult(
    int Removed, bool IsMore, DateTimeOffset? OldestKept = null, string? UntrustedClock = null);
