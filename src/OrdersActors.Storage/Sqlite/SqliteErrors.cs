using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>Describes SQLite's result codes in words (https://sqlite.org/rescode.html).</summary>
internal static class SqliteErrors
{
    /// <summary>Whether the content of the database is damaged, or the file is not a database.</summary>
    public static bool IsDamage(SqliteException e) => e.SqliteErrorCode is 11 or 26;

    public static string Describe(SqliteException e) => e.SqliteErrorCode switch
    {
        5 or 6 => "another process holds the database",
        8 => "the database is read-only",
        10 => "the disk failed to read or write",
        11 or 26 => "the database file is damaged",
        13 => "the disk is full",
        14 => "the database file cannot be opened",
        _ => e.Message,
    };

    /// <summary>
    /// The exception for callers of the log. It does not contain SQLite's own exception, which is meaningless to other
    /// processes.
    /// </summary>
    public static EventLogUnavailableException ToUnavailable(SqliteException e) =>
        LogUnavailable.Because(Describe(e));
}
