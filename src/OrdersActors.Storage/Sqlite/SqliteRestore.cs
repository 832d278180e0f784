using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Folders;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Replaces the database with a backup.
/// </summary>
/// <remarks>
/// <code>
///   backup ──1 copy──► orders.db.restoring ──2 check, epoch──► 4 rename ──► orders.db   5 orders.mark
///                          orders.db ──3 close its write-ahead log──► orders.db.before-…
/// </code>
/// <list type="number">
/// <item>SQLite copies the backup into a private file. If a write-ahead log is beside the backup, the copy includes
/// it.</item>
/// <item>The copy is checked page by page, and gets a new epoch, because clients remember numbers of the old
/// history.</item>
/// <item>The old database's write-ahead log is merged into it. If the log stayed beside the new database, SQLite would
/// apply it to the new one.</item>
/// <item>One rename, so a crash leaves either the old database or the new one. The old database is kept under another
/// name.</item>
/// <item>The mark is replaced last. After a crash before this step, the server finds that the epochs of the mark and of
/// the database differ, and begins another epoch.</item>
/// </list>
/// </remarks>
public static class SqliteRestore
{
    /// <summary>Restores a backup into the data directory. No server may run on it.</summary>
    /// <exception cref="StorageException">
    /// The backup is missing, damaged or from another program; or a server is running; or the folder cannot be used.
    /// The database is unchanged.
    /// </exception>
    public static RestoredDatabase Run(SqliteStorageOptions options, string backup, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var folder = Path.GetFullPath(options.DataDirectory);
        var source = Path.GetFullPath(backup);
        var database = Path.Combine(folder, SqliteDatabase.FileName);
        if (!File.Exists(source) || source == database)
        {
            throw new StorageException(
                source == database ? $"the file {source} is the database itself" : $"the file {source} does not exist");
        }

        DataFolder.Open(folder);
        using var held = SqliteFolderLock.Take(folder);
        try
        {
            return Run(folder, source, database, time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"the data directory {folder} cannot be used: {e.Message}", e);
        }
    }

    private static RestoredDatabase Run(string folder, string source, string database, TimeProvider time)
    {
        var copy = database + ".restoring";
        RemoveAll(copy);
        try
        {
            // 1. and 2.
            Copy(source, copy);
            var (epoch, newest, events) = Prepare(source, copy);

            // 3.
            var kept = $"{database}.before-{time.GetUtcNow():yyyyMMdd-HHmmss}";
            CloseLog(database, kept);

            // 4.
            var isReplaced = File.Exists(database);
            if (isReplaced)
            {
                File.Replace(copy, database, kept);
            }
            else
            {
                File.Move(copy, database);
            }

            // 5.
            SqliteMark.Create(folder, epoch, newest).Dispose();
            return new RestoredDatabase(database, events, epoch, isReplaced ? kept : null);
        }
        finally
        {
            RemoveAll(copy);
        }
    }

    private static void Copy(string source, string copy)
    {
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(copy, create).Dispose();
        try
        {
            // The backup is immutable and may be on a read-only medium. But if it has a write-ahead log, SQLite must
            // create a file for the log's index beside it.
            var mode = File.Exists(source + "-wal") ? "mode=ro" : "mode=ro&immutable=1";
            using var from = Open($"{new Uri(source).AbsoluteUri}?{mode}");
            using var to = Open(copy);
            from.BackupDatabase(to);
        }
        catch (SqliteException e)
        {
            throw new StorageException($"the file {source} cannot be copied: {SqliteErrors.Describe(e)}", e);
        }
    }

    private static (string Epoch, long Newest, long Events) Prepare(string source, string copy)
    {
        try
        {
            using var connection = Open(copy);
            // The header of a copied database in use says that it has a write-ahead log. A single file is easier to
            // rename.
            SqliteStatement.Scalar(connection, "PRAGMA journal_mode = DELETE");
            SqliteStatement.Scalar(connection, "PRAGMA synchronous = FULL");
            if (SqliteStatement.Scalar(connection, "PRAGMA integrity_check(1)") is not "ok" and var damage)
            {
                throw new StorageException($"the file {source} is damaged: {damage}".ReplaceLineEndings(" "));
            }

            if (SqliteSchema.Version(connection) == 0 || SqliteStatement.Scalar(connection, """
                SELECT count(*) FROM sqlite_schema
                WHERE name IN ('settings', 'organizations', 'orders', 'events', 'checkpoints', 'api_keys')
                """) is not 6L)
            {
                throw new StorageException($"the file {source} is not a database of OrdersActors");
            }

            using var statements = new SqliteEpochStatements(connection);
            var epoch = LogEpoch.New();
            statements.Begin(epoch);
            var events = (long)SqliteStatement.Scalar(connection, "SELECT count(*) FROM events")!;
            return (epoch, statements.Newest(), events);
        }
        catch (SqliteException e)
        {
            throw new StorageException($"the file {source} is damaged: {SqliteErrors.Describe(e)}", e);
        }
    }

    private static void CloseLog(string database, string kept)
    {
        if (File.Exists(database))
        {
            try
            {
                using var connection = Open(database);
                SqliteStatement.Scalar(connection, "PRAGMA journal_mode = DELETE");
            }
            catch (SqliteException e) when (e.SqliteErrorCode is 5 or 6)
            {
                throw new StorageException($"another process holds the database {database}; nothing was restored", e);
            }
            catch (SqliteException)
            {
                // The database is damaged, which may be the reason for the restore. Its write-ahead log is kept with
                // it.
            }
        }

        if (File.Exists(database + "-wal"))
        {
            File.Move(database + "-wal", kept + "-wal");
        }

        File.Delete(database + "-shm");
    }

    private static SqliteConnection Open(string source)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = source, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void RemoveAll(string copy)
    {
        foreach (var file in (string[])[copy, copy + "-wal", copy + "-shm", copy + "-journal"])
        {
            File.Delete(file);
        }
    }
}

/// <summary>The result of a restore.</summary>
/// <param name="Path">The path of the database.</param>
/// <param name="Events">The number of events in it.</param>
/// <param name="Epoch">The new epoch.</param>
/// <param name="Previous">The file of the previous database; null if none existed.</param>
public sealed record RestoredDatabase(string Path, long Events, string Epoch, string? Previous);
