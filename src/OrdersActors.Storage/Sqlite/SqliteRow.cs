using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>Converts between rows and events.</summary>
internal static class SqliteRow
{
    /// <summary>
    /// Reads the columns position, organization, order, version, sequence, id, status, occurred_at, details.
    /// </summary>
    public static OrderEvent ToEvent(SqliteDataReader row, string epoch) => new()
    {
        OrganizationId = row.GetString(1),
        OrderId = row.GetString(2),
        Version = row.GetInt64(3),
        Sequence = row.GetInt64(4),
        Id = row.GetString(5),
        Status = row.GetString(6),
        OccurredAt = FromMicroseconds(row.GetInt64(7)),
        Details = row.IsDBNull(8) ? null : row.GetString(8),
        Epoch = epoch,
    };

    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new(DateTimeOffset.UnixEpoch.Ticks + (microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
