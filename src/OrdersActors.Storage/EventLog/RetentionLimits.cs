namespace OrdersActors.Storage;

/// <summary>What <see cref="IEventLog.TrimAsync"/> leaves; <see cref="Retention.RetentionOptions"/> explains it.</summary>
/// <param name="MaxAge">How long an event is kept, from its commit on; more than 0.</param>
/// <param name="MaxPerOrganization">How many of an organization's newest events are kept; at least 1.</param>
/// <param name="MaxPerOrder">How many of an order's newest events are kept beyond those; at least 1.</param>
/// <param name="AgePrecision">How much later than <paramref name="MaxAge"/> an event may go; more than 0.</param>
public sealed record RetentionLimits(TimeSpan MaxAge, long MaxPerOrganization, long MaxPerOrder, TimeSpan AgePrecision)
{
    /// <summary>How far the clock of this process may be ahead of the evidence; null to trust it. Not used where the
    /// database has a clock of its own.</summary>
    public TimeSpan? MaxClockLead { get; init; }

    /// <summary>A day on which an operator found the clock right.</summary>
    public DateOnly? ClockConfirmedOn { get; init; }
}
