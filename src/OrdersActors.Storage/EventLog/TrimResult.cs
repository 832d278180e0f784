namespace OrdersActors.Storage;

/// <summary>What a call of <see cref="IEventLog.TrimAsync"/> did.</summary>
/// <param name="Removed">How many events it removed.</param>
/// <param name="IsMore">Whether there may be more to remove.</param>
/// <param name="OldestKept">When the oldest event that is kept occurred; null if nothing was removed or nothing is kept.</param>
/// <param name="ClockDoubt">
/// Why no event was removed by age although one is old enough by the clock; null if the clock is trusted.
/// </param>
public readonly record struct TrimResult(
    int Removed, bool IsMore, DateTimeOffset? OldestKept = null, string? ClockDoubt = null);
