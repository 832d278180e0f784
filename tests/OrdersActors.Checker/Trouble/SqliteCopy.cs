using Microsoft.Data.Sqlite;

namespace OrdersActors.Checker.Trouble;

/// <summary>A copy of a server's SQLite database, made while the server writes.</summary>
internal sealed class SqliteCopy : IDisposable
{
    private readonly string _database;
    private readonly string _copy;

    private SqliteCopy(string database, string copy) => (_database, _copy) = (database, copy);

    /// <summary>
    /// Copies the database of a data directory with SQLite's online backup, which yields a consistent snapshot.
    /// </summary>
    public static SqliteCopy Of(string dataDirectory)
    {
        var database = Path.Combine(dataDirectory, "orders.db");
        var copy = new SqliteCopy(database, Path.Combine(dataDirectory, $"copy-{Guid.NewGuid():N}.db"));
        using var from = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        using var to = new SqliteConnection($"Data Source={copy._copy};Pooling=False");
        from.Open();
        to.Open();
        from.BackupDatabase(to);
        return copy;
    }

    /// <summary>Replaces the database by the copy. The server must not run.</summary>
    public void Restore()
    {
        foreach (var companion in new[] { "-wal", "-shm" })
        {
            File.Delete(_database + companion);
        }

        File.Move(_copy, _database, overwrite: true);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_database, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public void Dispose() => File.Delete(_copy);
}
