using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The epoch of the log, and how a server recognizes at start that its history was rewritten.
/// </summary>
/// <remarks>
/// <code>
///   database: epoch, newest position ──┐ same epoch, and the mark is not ahead: the history that the server left
///   orders.mark: epoch, newest position┘ anything else: a new epoch
/// </code>
/// <list type="number">
/// <item>A database that never had an epoch gets its first one, without noise.</item>
/// <item>No mark, a damaged one, one of another epoch, or one that is ahead of the database: somebody put back a backup or
/// copied the file. A new epoch begins, and an error is logged once.</item>
/// <item>A mark behind the database: the power went before the mark's last change was on the disk. Nothing was rewritten.</item>
/// <item>Each commit moves the mark, on the writer's thread.</item>
/// </list>
/// A folder that was put back as a whole, with its mark, cannot be recognized; neither can a virtual machine's snapshot.
/// For those there is the command <c>epoch new</c>.
/// </remarks>
internal sealed partial class SqliteEpoch : IDisposable
{
    private readonly string _folder;
    private readonly ILogger _logger;
    private volatile string _current;
    private SqliteMark? _mark;
    private bool _isMarkFailing;

    private SqliteEpoch(string folder, string current, SqliteMark mark, ILogger logger) =>
        (_folder, _current, _mark, _logger) = (folder, current, mark, logger);

    public string Current => _current;

    /// <summary>Compares the database with its mark. The caller holds the folder.</summary>
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
            // The mark first: a crash in between leaves two epochs that differ, and never an old one that matches.
            var opened = new SqliteEpoch(database.Folder, next, SqliteMark.Create(database.Folder, next, newest), logger);
            statements.Begin(next);
            if (rewritten is not null)
            {
                opened.SayBegun(epoch, rewritten);
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
            throw new StorageException($"the database in {database.Folder} cannot be used: {SqliteErrors.Describe(e)}", e);
        }
    }

    /// <summary>Everything up to a position is on the disk. For the writer's thread.</summary>
    public void Committed(long position)
    {
        if (_mark is null)
        {
            return;
        }

        try
        {
            _mark.Advance(position);
            _isMarkFailing = false;
        }
        catch (IOException e)
        {
            // The mark stays behind, so a restored backup may not be recognized; events are safe.
            if (!_isMarkFailing)
            {
                _isMarkFailing = true;
                LogMarkFailed(_folder, e.Message);
            }
        }
    }

    /// <summary>The database has a new epoch. For the writer's thread, after the commit.</summary>
    public void Begun(string epoch, long newest, string reason)
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
            // The next start finds two epochs that differ and begins another one.
            LogMarkFailed(_folder, e.Message);
        }

        SayBegun(ended, reason);
    }

    public void Dispose() => _mark?.Dispose();

    // 1. to 3.
    private static string? Rewritten(string? epoch, long newest, SqliteMarkContent? mark)
    {
        if (mark is not { } found)
        {
            return epoch is null || newest == 0 ? null : "the database was used before, and its mark is missing";
        }

        if (found.Newest > newest)
        {
            return $"the database ends at position {newest}, and its mark at {found.Newest}";
        }

        return epoch is null || epoch == found.Epoch ? null
            : found.Epoch is null ? "the database's mark is damaged"
            : $"the database has epoch {epoch}, and its mark {found.Epoch}";
    }

    private void SayBegun(string? ended, string reason)
    {
        OrderMetrics.CountEpochBegun();
        LogBegun(_current, ended ?? "none", reason);
    }

    [LoggerMessage(1003, LogLevel.Error,
        "The history of the event log may have been rewritten: {Reason}. Epoch {Epoch} begins and {Ended} ends: clients are notified and read again what is retained")]
    private partial void LogBegun(string epoch, string ended, string reason);

    [LoggerMessage(1005, LogLevel.Warning,
        "The mark of the database in {Folder} cannot be written: {Reason}. Events are stored; a backup that is put back may not be recognized until this ends")]
    private partial void LogMarkFailed(string folder, string reason);
}
