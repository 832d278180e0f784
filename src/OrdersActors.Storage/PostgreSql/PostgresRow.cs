using System.Data.Common;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Between rows and events.</summary>
internal static class PostgresRow
{
    /// <summary>The columns of an event, of e, o and g: its own, its order's and its organization's row.</summary>
    public const string Columns =
        "e.position, g.name, o.name, e.version, e.sequence, e.event_id, e.status, e.occurred_at, e.details";

    /// <summary>An event's id within its organization, as the index has it.</summary>
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

    /// <summary>UTC, without what is finer than a microsecond, as it will be read.</summary>
    public static DateTime ToStored(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
}
