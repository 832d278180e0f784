using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage.Folders;

namespace OrdersActors.Storage.Sqlite;

/// <summary>Examines the database in a data directory for an operator, with or without a running server.</summary>
public static class SqliteDiagnosis
{
    private const string Restore = "stop the server and restore a backup with 'restore --from FILE'";

    /// <summary>Runs all checks. Changes nothing; takes about a second.</summary>
    public static IReadOnlyList<StorageFinding> Run(SqliteStorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folder = Path.GetFullPath(options.DataDirectory);
        var path = Path.Combine(folder, SqliteDatabase.FileName);
        try
        {
            DataFolder.CheckOwner(folder, path);
        }
        catch (StorageException e)
        {
            return [new("owner", e.Message, "run the server and its commands as the owner of the files")];
        }

        return File.Exists(path)
            ? Examine(path)
            : [new("database", $"there is no database {path} yet; the server creates it when it starts")];
    }

    private static StorageFinding[] Examine(string path)
    {
        try
        {
            var check = new SqliteDamageCheck(path, NullLogger.Instance);
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadWrite,
                DefaultTimeout = SqliteDatabase.BusyTimeoutSeconds,
                Pooling = false,
            }.ToString());
            connection.Open();
            SqliteDatabase.KeepLog(connection, keep: true);
            var version = SqliteSchema.Version(connection);
            return check.Find(connection) is { } damage
                ? [new("damage", $"the database {path} is damaged: {damage}", Restore)]
                :
                [
                    new("schema", $"the database {path} has schema {version}; this program has {SqliteSchema.Newest}"),
                    new("damage", "no damage was found in the pages that one second allows to read"),
                ];
        }
        catch (StorageException e)
        {
            return [new("schema", e.Message, "use the newer version of the server again, or restore a backup")];
        }
        catch (SqliteException e)
        {
            return
            [
                new(
                    "damage", $"the database {path} cannot be used: {SqliteErrors.Describe(e)}",
                    SqliteErrors.IsDamage(e) ? Restore : "remove the cause that the line names"),
            ];
        }
    }
}
