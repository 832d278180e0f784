namespace OrdersActors.Storage;

/// <summary>What <see cref="IEventLog.TrimAsync"/> leaves; <see cref="Retention.RetentionOptions"/> tells what it means.</summary>
/// <param name="MaxAge">How long an event is kept, from its commit on; more than 0.</param>
/// <param name="MaxPerOrganization">How many of an organization's newest events are kept; at least 1.</param>
/// <param name="MaxPerOrder">How many of an order's newest events are kept beyond those; at least 1.</param>
/// <param name="AgePrecision">How much later than <paramref name="MaxAge"/> an event may go; more than 0.</param>
public sealed record RetentionLimits(TimeSpan MaxAge, long MaxPerOrganization, long MaxPerOrder, TimeSpan AgePrecision);
