namespace OrdersActors.Storage;

/// <summary>
/// The limits for <see cref="IEventLog.TrimAsync"/>; <see cref="Retention.RetentionOptions"/> explains them.
/// </summary>
/// <param name="MaxAge">How long an event is kept after its commit; more than 0.</param>
/// <param name="MaxPerOrganization">How many of an organization's newest events are kept; at least 1.</param>
/// <param name="MaxPerOrder">How many of an order's newest events are kept beyond those; at least 1.</param>
/// <param name="AgePrecision">
/// How much later than <paramref name="MaxAge"/> an event may be removed; more than 0.
/// </param>
public sealed record RetentionLimits(TimeSpan MaxAge, long MaxPerOrganization, long MaxPerOrder, TimeSpan AgePrecision)
{
    /// <summary>
    /// How far the clock of this process may be ahead of the evidence; null to trust it. Ignored if the database has
    /// its own clock.
    /// </summary>
    public TimeSpan? MaxClockLead { get; init; }

    /// <summary>A day on which an operator confirmed the clock.</summary>
    public DateOnly? ClockConfirmedOn { get; init; }

    /// <summary>Checks the limits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is outside of its range.</exception>
    internal static void Check(RetentionLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limits.MaxAge, TimeSpan.Zero, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.MaxPerOrganization, 1, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.MaxPerOrder, 1, nameof(limits));
    }
}
