using System.Globalization;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Storage;

/// <summary>The schemas that this program creates, and migrates older databases to.</summary>
public static class StorageSchema
{
    /// <summary>The versions of both storages, for people.</summary>
    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"SQLite {SqliteSchema.Newest}, PostgreSQL {PostgresSchema.NewestVersion} with {PostgresSchema.NewestStep}");
}
