using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The epoch of the log. At start it detects whether the log's history was rewritten.
/// </summary>
/// <remarks>
/// <code>
///   database: epoch, newest position ──┐ same epoch, and the mark is not ahead: the history that the server left
///   orders.mark: epoch, newest position┘ anything else: a new epoch
/// </code>
/// <list type="number">
/// <item>A database that never had an epoch gets its first one without an error message.</item>
/// <item>If the mark is missing, damaged, of another epoch, or ahead of the database, somebody restored a backup or
/// copied the file. A new epoch begins, and one error is logged.</item>
/// <item>If the mark is behind the database, a power failure lost the mark's last change. The history was not
/// rewritten.</item>
/// <item>Each commit advances the mark, on the writer's thread.</item>
/// </list>
/// If a whole folder is restored together with its mark, this class cannot detect it. It cannot detect the restored
/// snapshot of a virtual machine either. Operators use the command <c>epoch new</c> in these cases.
/// </remarks>
internal sealed partial class SqliteEpoch : IDisposable
{
    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly Outage _outage = new();

    // Read by every caller of the log, and written on the writer's thread.
    private volatile string _current;

    // Only the writer's thread uses it; Dispose runs after that thread has ended.
    private SqliteMark? _mark;

    private SqliteEpoch(string folder, string current, SqliteMark mark, ILogger logger) =>
        (_folder, _current, _mark, _logger) = (folder, current, mark, logger);

    public string Current => _current;

    /// <summary>Compares the database with its mark. The caller must hold the folder's lock.</summary>
    /// <exception cref="StorageException">The mark cannot be read or written.</exception>
    public static SqliteEpoch Open(SqliteDatabase database, ILogger logger)
    {
        try
        {
            using var connection = database.Open();
            using var statements = new SqliteEpochStatements(connection);
            var newest = statements.Newest();
            var epoch = statements.Find();
            var mark = SqliteMark.Read(database.Folder);
            var rewritten = Rewritten(epoch, newest, mark);
            if (epoch is not null && rewritten is null && mark is not null)
            {
                return new SqliteEpoch(database.Folder, epoch, SqliteMark.Open(database.Folder), logger);
            }

            var next = LogEpoch.New();
            // A crash between the two writes leaves different epochs in the mark and in the database. The next start
            // detects this and begins another epoch.
            var opened = new SqliteEpoch(
                database.Folder, next, SqliteMark.Create(database.Folder, next, newest), logger);
            statements.Begin(next);
            if (rewritten is not null)
            {
                opened.ReportBegun(epoch, rewritten);
            }

            return opened;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"the file {Path.Combine(database.Folder, SqliteMark.FileName)} cannot be used: {e.Message}", e);
        }
        catch (SqliteException e)
        {
            throw new StorageException(
                $"the database in {database.Folder} cannot be used: {SqliteErrors.Describe(e)}", e);
        }
    }

    /// <summary>
    /// Records that all events up to a position are on disk. Called on the writer's thread.
    /// </summary>
    public void Advance(long position)
    {
        if (_mark is null)
        {
            return;
        }

        try
        {
            _mark.Advance(position);
            _outage.Succeed();
        }
        catch (IOException e)
        {
            // The mark stays behind, so a restored backup may not be detected. No event is lost.
            if (_outage.Fail())
            {
                LogMarkFailed(_folder, e.Message);
            }
        }
    }

    /// <summary>
    /// Records that the database has a new epoch. Called on the writer's thread after the commit.
    /// </summary>
    public void Begin(string epoch, long newest, string reason)
    {
        var ended = _current;
        _current = epoch;
        _mark?.Dispose();
        _mark = null;
        try
        {
            _mark = SqliteMark.Create(_folder, epoch, newest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start finds two different epochs and begins another one.
            LogMarkFailed(_folder, e.Message);
        }

        ReportBegun(ended, reason);
    }

    public void Dispose() => _mark?.Dispose();

    // 1. to 3.
    private static string? Rewritten(string? epoch, long newest, SqliteMarkContent? mark)
    {
        if (mark is not { } found)
        {
            return epoch is null || newest == 0 ? null : "the database was used before, but its mark is missing";
        }

        if (found.Newest > newest)
        {
            return $"the database ends at position {newest}, but its mark at {found.Newest}";
        }

        return epoch is null || epoch == found.Epoch ? null
            : found.Epoch is null ? "the database's mark is damaged"
            : $"the database has epoch {epoch}, but its mark has {found.Epoch}";
    }

    private void ReportBegun(string? ended, string reason)
    {
        OrderMetrics.CountEpochBegun();
        LogBegun(_current, ended ?? "none", reason);
    }

    [LoggerMessage(1003, LogLevel.Error,
        "The history of the event log may have been rewritten: {Reason}. Epoch {Epoch} begins and {Ended} ends: " +
        "clients are notified and read all retained events again")]
    private partial void LogBegun(string epoch, string ended, string reason);

    [LoggerMessage(1005, LogLevel.Warning,
        "The mark of the database in {Folder} cannot be written: {Reason}. Events are stored; until this is " +
        "resolved, a restored backup may not be detected")]
    private partial void LogMarkFailed(string folder, string reason);
}
