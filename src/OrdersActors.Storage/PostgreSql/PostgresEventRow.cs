using System.Data.Common;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>The parts of <see cref="EventRow"/> that only PostgreSQL has.</summary>
internal static class PostgresEventRow
{
    /// <summary>An event's id within its organization, in the form that the index uses.</summary>
    public const string Key = "e.event_id || ' ' || e.organization::text";

    /// <summary>Reads <see cref="EventRow.Columns"/>.</summary>
    public static OrderEvent Read(DbDataReader row, string epoch) =>
        EventRow.Read(row, row.GetDateTime(EventRow.OccurredAt), epoch);

    /// <summary>The time as PostgreSQL stores it.</summary>
    public static DateTime ToStored(DateTimeOffset time) => EventRow.ToStoredTime(time).UtcDateTime;
}
