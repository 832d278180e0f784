using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.Folders;
using SQLitePCL;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Checks for damage when a server opens its database. If it finds damage, the start fails with one line, and the files
/// are not changed. If damage is found later, the affected reads and writes fail (<see cref="SqliteErrors"/>).
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><b>Pages.</b> <c>quick_check</c> runs for at most <see cref="MaxTime"/>. It reads about 500 MB per second from
/// the page cache; a larger database is checked only in part.</item>
/// <item><b>A write-ahead log of another database.</b> If somebody replaces the database file and leaves the old
/// write-ahead log beside it, SQLite applies that log and mixes pages of both databases. In this case the database was
/// changed after its log. The same is true after a crash during a checkpoint, so the content must decide. A database of
/// at most <see cref="MaxThoroughBytes"/> gets an <c>integrity_check</c> (20 MB per second), a larger one a
/// <c>quick_check</c> of all pages. Before the check has passed, the log is not written into the database, so a failed
/// check leaves both files unchanged.</item>
/// </list>
/// </remarks>
internal sealed partial class SqliteDamageCheck
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    private const long MaxThoroughBytes = 32 * 1024 * 1024;

    // SQLite calls back after this many virtual machine instructions, which take some tens of microseconds.
    private const int InstructionsPerCall = 10_000;
    private const int Interrupted = 9;

    private readonly string _path;
    private readonly ILogger _logger;

    /// <summary>Inspects the files. Must be called before anything opens or changes them.</summary>
    public SqliteDamageCheck(string path, ILogger logger)
    {
        _path = path;
        _logger = logger;
        MayHaveForeignLog = File.Exists(Log) && new FileInfo(Log).Length > 0
            && UnixFile.TryRead(path) is { ChangedAt: var database } && UnixFile.TryRead(Log) is { ChangedAt: var log }
            // The file system's clock ticks every few milliseconds, so two changes can have the same time.
            && database >= log;
    }

    /// <summary>Whether the write-ahead log may belong to another database.</summary>
    public bool MayHaveForeignLog { get; }

    private bool IsThorough => MayHaveForeignLog && new FileInfo(_path).Length <= MaxThoroughBytes;

    private string Log => _path + "-wal";

    /// <exception cref="StorageException">
    /// The database is damaged, or its write-ahead log belongs to another database.
    /// </exception>
    public void Run(SqliteConnection connection)
    {
        if (MayHaveForeignLog)
        {
            LogForeign(Log);
        }

        if (Find(connection) is { } damage)
        {
            throw new StorageException(MayHaveForeignLog
                ? $"the write-ahead log {Log} does not belong to the database beside it, which was replaced or is " +
                    $"damaged ({damage}): restore a backup with 'restore --from FILE', or move the log away if it " +
                    "belongs to an older database"
                : $"the database {_path} is damaged ({damage}): restore a backup with 'restore --from FILE'");
        }
    }

    /// <summary>Describes the damage in one line; null if none was found.</summary>
    public string? Find(SqliteConnection connection)
    {
        var startedAt = Stopwatch.GetTimestamp();
        if (!MayHaveForeignLog)
        {
            raw.sqlite3_progress_handler(
                connection.Handle,
                InstructionsPerCall,
                _ => Stopwatch.GetElapsedTime(startedAt) > MaxTime ? 1 : 0,
                null);
        }

        try
        {
            using var check = new SqliteStatement(
                connection, IsThorough ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)", 0);
            return check.Scalar() is var result and not "ok" ? OneLine(result?.ToString()) : null;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Interrupted)
        {
            return null;
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e))
        {
            return SqliteErrors.Describe(e);
        }
        finally
        {
            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
        }
    }

    private static string OneLine(string? text) => (text ?? "").ReplaceLineEndings(" ")
        .Replace("*** in database main ***", "", StringComparison.Ordinal).Trim();

    [LoggerMessage(1006, LogLevel.Information,
        "The database may have changed after its write-ahead log {Path}. Checking that they belong together, which " +
        "may take a while")]
    private partial void LogForeign(string path);
}
