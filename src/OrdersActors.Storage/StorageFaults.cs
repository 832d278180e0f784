using Microsoft.Data.Sqlite;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Storage;

/// <summary>Describes failures of a database for operators' commands.</summary>
public static class StorageFaults
{
    /// <summary>The failure in one line; null if the database did not cause the exception.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        SqliteException sqlite => SqliteErrors.Describe(sqlite),
        Npgsql.NpgsqlException => PostgresErrors.Describe(exception),
        _ => null,
    };
}
