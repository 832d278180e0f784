using Microsoft.Data.Sqlite;
using OrdersActors.Storage.Folders;
using SQLitePCL;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Copies the database into one file for <see cref="SqliteRestore"/>, with or without a running server.
/// </summary>
/// <remarks>
/// <code>
///   orders.db (+ -wal) ──1 one snapshot──► FILE.partial ──2 check──► 3 flush, rename ──► FILE
/// </code>
/// <list type="number">
/// <item>A read transaction holds a snapshot from the start of the copy. The server continues to write. Its write-ahead
/// log grows until the copy is complete, and shrinks afterwards.</item>
/// <item>The copy is checked, because a damaged database must not replace a good backup.</item>
/// <item>The file gets its final name only when it is complete. It is private (0600), because it contains events and
/// API keys. The secrets of the keys stay encrypted; the key ring is not in the file.</item>
/// </list>
/// </remarks>
public static class SqliteBackup
{
    // 4 MB, which take a few milliseconds. The caller may cancel after each step.
    private const int PagesPerStep = 1000;
    private static readonly TimeSpan BusyDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Writes a backup.</summary>
    /// <exception cref="StorageException">
    /// The database is missing or damaged, or the file exists or cannot be written.
    /// </exception>
    public static WrittenBackup Run(
        SqliteStorageOptions options, string file, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var path = Path.GetFullPath(file);
        var source = Path.Combine(Path.GetFullPath(options.DataDirectory), SqliteDatabase.FileName);
        if (!File.Exists(source))
        {
            throw new StorageException($"there is no database {source}");
        }

        if (Path.Exists(path))
        {
            throw new StorageException($"the file {path} exists; a backup does not replace it");
        }

        var partial = path + ".partial";
        try
        {
            File.Delete(partial);
            new FileStream(partial, PrivateFiles.CreateOptions(FileMode.CreateNew, FileShare.None)).Dispose();
            using (var from = new SqliteDatabase(options).Open())
            {
                Copy(from, partial, time, cancellationToken);
            }

            var backup = Finish(partial, path);
            File.Move(partial, path, overwrite: false);
            return backup;
        }
        catch (SqliteException e)
        {
            throw new StorageException($"the backup {path} cannot be written: {SqliteErrors.Describe(e)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"the backup {path} cannot be written: {e.Message}", e);
        }
        finally
        {
            Remove(partial);
        }
    }

    private static void Copy(
        SqliteConnection from, string partial, TimeProvider time, CancellationToken cancellationToken)
    {
        using var to = OpenCopy(partial);
        using var snapshot = from.BeginTransaction(deferred: true);
        using var first = new SqliteStatement(from, "SELECT count(*) FROM settings", 0);
        first.Scalar();
        using var backup = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main");
        SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(to.Handle), to.Handle);
        var busySince = (long?)null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (raw.sqlite3_backup_step(backup, PagesPerStep))
            {
                case raw.SQLITE_OK:
                    busySince = null;
                    break;
                case raw.SQLITE_DONE:
                    return;
                case (raw.SQLITE_BUSY or raw.SQLITE_LOCKED) and var busy:
                    busySince ??= time.GetTimestamp();
                    if (time.GetElapsedTime(busySince.Value) > BusyTimeout)
                    {
                        SqliteException.ThrowExceptionForRC(busy, from.Handle);
                    }

                    cancellationToken.WaitHandle.WaitOne(BusyDelay);
                    break;
                case var error:
                    SqliteException.ThrowExceptionForRC(error, to.Handle);
                    break;
            }
        }
    }

    private static WrittenBackup Finish(string partial, string path)
    {
        long events;
        string? epoch;
        using (var copy = OpenCopy(partial))
        {
            // The header of a copied database in use says that it has a write-ahead log. A backup must be a single
            // file.
            SqliteStatement.Scalar(copy, "PRAGMA journal_mode = DELETE");
            if (SqliteStatement.Scalar(copy, "PRAGMA quick_check(1)") is not "ok" and var damage)
            {
                throw new StorageException(
                    $"the database is damaged, and the backup was not written: {damage}".ReplaceLineEndings(" "));
            }

            events = (long)SqliteStatement.Scalar(copy, "SELECT count(*) FROM events")!;
            epoch = SqliteStatement.Scalar(copy, "SELECT value FROM settings WHERE name = 'epoch'") as string;
        }

        using var file = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        file.Flush(flushToDisk: true);
        return new WrittenBackup(path, file.Length, events, epoch);
    }

    private static SqliteConnection OpenCopy(string path)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Remove(string partial)
    {
        foreach (var suffix in (string[])["", "-wal", "-shm", "-journal"])
        {
            File.Delete(partial + suffix);
        }
    }
}

/// <summary>The result of a backup.</summary>
/// <param name="Path">The path of the file.</param>
/// <param name="Bytes">The length of the file.</param>
/// <param name="Events">The number of events in it.</param>
/// <param name="Epoch">The epoch of the database; null if no server of this version has opened it.</param>
public sealed record WrittenBackup(string Path, long Bytes, long Events, string? Epoch);
