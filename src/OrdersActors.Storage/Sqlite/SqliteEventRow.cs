using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>The parts of <see cref="EventRow"/> that only SQLite has: times are microseconds since 1970.</summary>
internal static class SqliteEventRow
{
    /// <summary>Reads <see cref="EventRow.Columns"/>.</summary>
    public static OrderEvent Read(SqliteDataReader row, string epoch) =>
        EventRow.Read(row, FromMicroseconds(row.GetInt64(EventRow.OccurredAt)), epoch);

    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new(DateTimeOffset.UnixEpoch.Ticks + (microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
