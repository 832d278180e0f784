using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.Folders;
using SQLitePCL;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Looks for damage when a server opens its database, so that the start is refused in one line and nothing is made worse.
/// Damage that is found later fails the reads and writes that meet it (<see cref="SqliteErrors"/>).
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><b>Pages.</b> <c>quick_check</c> for at most <see cref="MaxTime"/>. It reads about 500 MB a second from the page cache;
/// of a larger database only a part is checked.</item>
/// <item><b>A write-ahead log of another database.</b> SQLite applies a log that is left beside a database that was put back by
/// hand, and mixes pages of both. Such a database was changed after its log was. That is also so after a crash in the middle
/// of a checkpoint, so the content decides: <c>integrity_check</c> up to <see cref="MaxThoroughBytes"/> (20 MB a second), and
/// <c>quick_check</c> of all pages of a larger database. Until it has passed, the log is not written into the database, so that a
/// refusal leaves both files as they are.</item>
/// </list>
/// </remarks>
internal sealed partial class SqliteDamageCheck
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    private const long MaxThoroughBytes = 32 * 1024 * 1024;

    // SQLite calls back once in so many instructions of its machine: some tens of microseconds.
    private const int InstructionsPerCall = 10_000;
    private const int Interrupted = 9;

    private readonly string _path;
    private readonly ILogger _logger;

    /// <summary>Looks at the files. It must be called before anything opens or changes them.</summary>
    public SqliteDamageCheck(string path, ILogger logger)
    {
        _path = path;
        _logger = logger;
        MayHaveForeignLog = File.Exists(Log) && new FileInfo(Log).Length > 0
            && UnixFile.TryRead(path) is { ChangedAt: var database } && UnixFile.TryRead(Log) is { ChangedAt: var log }
            // The file system's clock ticks every few milliseconds, so two changes can have the same time.
            && database >= log;
    }

    /// <summary>Whether the write-ahead log may be of another database.</summary>
    public bool MayHaveForeignLog { get; }

    private bool IsThorough => MayHaveForeignLog && new FileInfo(_path).Length <= MaxThoroughBytes;

    private string Log => _path + "-wal";

    /// <exception cref="StorageException">The database is damaged, or its write-ahead log is of another one.</exception>
    public void Run(SqliteConnection connection)
    {
        if (MayHaveForeignLog)
        {
            LogForeign(Log);
        }

        if (Find(connection) is { } damage)
        {
            throw new StorageException(MayHaveForeignLog
                ? $"the write-ahead log {Log} does not fit to the database beside it, which was replaced or is damaged ({damage}): "
                    + "put a backup back with 'restore --from FILE', or move the log away if it is of an older database"
                : $"the database {_path} is damaged ({damage}): put a backup back with 'restore --from FILE'");
        }
    }

    /// <summary>What is damaged, in one line; null if nothing was found.</summary>
    private string? Find(SqliteConnection connection)
    {
        var startedAt = Stopwatch.GetTimestamp();
        if (!MayHaveForeignLog)
        {
            raw.sqlite3_progress_handler(
                connection.Handle, InstructionsPerCall, _ => Stopwatch.GetElapsedTime(startedAt) > MaxTime ? 1 : 0, null);
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
        "The database was changed after its write-ahead log {Path}: checking that they fit to each other, which may take a while")]
    private partial void LogForeign(string path);
}
