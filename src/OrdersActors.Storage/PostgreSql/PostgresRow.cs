using System.Data.Common;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Converts between rows and events.</summary>
internal static class PostgresRow
{
    /// <summary>The columns of an event, from the rows e (event), o (order) and g (organization).</summary>
    public const string Columns =
        "e.position, g.name, o.name, e.version, e.sequence, e.event_id, e.status, e.occurred_at, e.details";

    /// <summary>An event's id within its organization, in the form that the index uses.</summary>
    public const string Key = "e.event_id || ' ' || e.organization::text";

    /// <summary>Reads <see cref="Columns"/>.</summary>
    /// <param name="row">The row.</param>
    /// <param name="epoch">The log's epoch, captured before the query was sent.</param>
    public static OrderEvent ToEvent(DbDataReader row, string epoch) => new()
    {
        OrganizationId = row.GetString(1),
        OrderId = row.GetString(2),
        Version = row.GetInt64(3),
        Sequence = row.GetInt64(4),
        Id = row.GetString(5),
        Status = row.GetString(6),
        OccurredAt = row.GetDateTime(7),
        Details = row.IsDBNull(8) ? null : row.GetString(8),
        Epoch = epoch,
    };

    /// <summary>The time in UTC, truncated to microseconds, as it will be read back.</summary>
    public static DateTime ToStored(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
}
