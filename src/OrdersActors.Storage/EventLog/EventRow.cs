using System.Data.Common;

namespace OrdersActors.Storage.EventLog;

/// <summary>
/// An event as a row, and the event that a row becomes. Every storage selects the same columns; only the type of the
/// time differs.
/// </summary>
internal static class EventRow
{
    /// <summary>The columns of an event, from the rows e (event), o (order) and g (organization).</summary>
    public const string Columns =
        "e.position, g.name, o.name, e.version, e.sequence, e.event_id, e.status, e.occurred_at, e.details";

    /// <summary>The index of the time in <see cref="Columns"/>.</summary>
    public const int OccurredAt = 7;

    /// <summary>
    /// A read ends after about this many characters or bytes of details, so that a thousand large events do not fill
    /// the memory.
    /// </summary>
    public const int MaxPageDetails = 1024 * 1024;

    /// <summary>Reads <see cref="Columns"/>.</summary>
    /// <param name="row">The row.</param>
    /// <param name="occurredAt">The time in the row.</param>
    /// <param name="epoch">The log's epoch, captured before the query was sent.</param>
    public static OrderEvent Read(DbDataReader row, DateTimeOffset occurredAt, string epoch) => new()
    {
        OrganizationId = row.GetString(1),
        OrderId = row.GetString(2),
        Version = row.GetInt64(3),
        Sequence = row.GetInt64(4),
        Id = row.GetString(5),
        Status = row.GetString(6),
        OccurredAt = occurredAt,
        Details = row.IsDBNull(8) ? null : row.GetString(8),
        Epoch = epoch,
    };

    /// <summary>Numbers a new event. The result equals what is read back from its row.</summary>
    public static OrderEvent Numbered(
        OrderStatusEvent e, string organizationId, long sequence, long version, string epoch) => new()
        {
            OrganizationId = organizationId,
            OrderId = e.OrderId,
            Version = version,
            Sequence = sequence,
            Id = e.Id,
            Status = e.Status,
            OccurredAt = ToStoredTime(e.OccurredAt),
            Details = e.Details,
            Epoch = epoch,
        };

    /// <summary>The time in UTC, truncated to microseconds, which is what both databases store.</summary>
    public static DateTimeOffset ToStoredTime(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
