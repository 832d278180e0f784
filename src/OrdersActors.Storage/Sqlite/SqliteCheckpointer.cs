using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.EventLog;
using SQLitePCL;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database on a thread of its own, so that commits do not wait for it.
/// </summary>
/// <remarks>
/// <code>
///   writer       ── PassPages ──► ── PassPages ──► … ── RestartPages ──► 2 copies the rest ──► begins the log again
///   this thread           └─► 1 copies   └─► 1 copies
/// </code>
/// <list type="number">
/// <item>The writer counts the pages that it writes, and this thread copies them in small passes. A flush of the disk
/// waits for the pages that are being written, so a large pass would delay the commits beside it by many
/// milliseconds.</item>
/// <item>SQLite begins the log again only when everything is copied. While this thread copies, the writer adds pages.
/// So the writer copies the last few itself, between two transactions and after it has answered. If this thread is
/// slower than the writer, the writer waits for it at <see cref="MaxPages"/>. So the log is bounded, also under
/// constant load and on a slow disk.</item>
/// </list>
/// A reader with an old snapshot prevents that the log begins again. The log then grows until the reader ends; the
/// steps are repeated every <see cref="RetryPages"/> pages. If copying fails, no event is lost, and one warning is
/// logged per reason.
/// </remarks>
internal sealed partial class SqliteCheckpointer : IDisposable
{
    // A page is often written several times. Larger passes copy it less often, and delay commits longer.
    private const int PassPages = 250;

    // 4 MB, as SQLite itself. While the log is copied, the disk holds its pages twice, so a larger log would need more
    // room on a disk that is almost full.
    public const int RestartPages = 1000;

    // 33 MB.
    public const int MaxPages = 8 * RestartPages;

    // A retry costs little if nothing can be copied. Soon, because the reason may be a full disk that has room again.
    private const int RetryPages = 100;

    // Few enough for the writer, which also flushes the database then: about three milliseconds.
    private const int FewPages = 100;

    // Only a disk that does not answer takes longer. The writer then continues, and waits again after its next commit.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private readonly SqliteDatabase _database;
    private readonly ILogger _logger;
    private readonly Outage _outage = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;

    // The writer resets it when it starts a copy, and the thread sets it when the copy has ended.
    private readonly ManualResetEventSlim _isIdle = new(true);

    private volatile bool _isClosed;

    // Only the writer's thread uses these two: the pages of the log, and those that were written after the latest pass
    // began.
    private int _logPages;
    private int _newPages;

    public SqliteCheckpointer(SqliteDatabase database, ILogger logger)
    {
        (_database, _logger) = (database, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "event log checkpointer" };
        _thread.Start();
    }

    /// <summary>Copies the write-ahead log as far as readers allow. Returns the number of pages that remain.</summary>
    public static int Copy(SqliteConnection connection)
    {
        SqliteException.ThrowExceptionForRC(
            raw.sqlite3_wal_checkpoint_v2(
                connection.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var pages, out var copied),
            connection.Handle);
        return pages - copied;
    }

    /// <summary>The writer has committed and answered. Called on its thread.</summary>
    public void OnCommitted(SqliteAppender appender)
    {
        var written = appender.TakeWrittenPages();
        _logPages += written;
        _newPages += written;
        var isFull = _logPages >= MaxPages;
        if (!_isIdle.IsSet && !(isFull && _isIdle.Wait(MaxWait)))
        {
            return;
        }

        if (isFull || (_logPages >= RestartPages && _newPages <= FewPages))
        {
            // 2.
            _newPages = 0;
            _logPages = Try(appender.CopyLog, source: 1) is 0 ? 0 : RestartPages - RetryPages;
        }
        else if (_newPages >= PassPages)
        {
            // 1.
            _newPages = 0;
            _isIdle.Reset();
            _wake.Set();
        }
    }

    /// <summary>Ends the thread after its current pass.</summary>
    public void Dispose()
    {
        _isClosed = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
        _isIdle.Dispose();
    }

    private void Run()
    {
        SqliteConnection? connection = null;
        // A blocking wait is right here, because this thread has no other work.
        while (_wake.WaitOne() && !_isClosed)
        {
            // 1.
            if (Try(() => Copy(connection ??= _database.Open()), source: 0) is null)
            {
                connection?.Dispose();
                connection = null;
            }

            _isIdle.Set();
        }

        connection?.Dispose();
    }

    /// <summary>The number of pages that remain; null if the copy failed.</summary>
    private int? Try(Func<int> copy, int source)
    {
        try
        {
            var left = copy();
            _outage.Succeed(source);
            return left;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            // Another process copies the log.
            return null;
        }
        catch (SqliteException e)
        {
            _database.Report(e);
            if (_outage.Fail(SqliteErrors.Describe(e), source: source))
            {
                LogFailed(_database.Folder, SqliteErrors.Describe(e));
            }

            return null;
        }
    }

    [LoggerMessage(1008, LogLevel.Warning,
        "The write-ahead log of the database in {Folder} cannot be copied into the database: {Reason}. Events are " +
        "stored, but the log grows until this is resolved")]
    private partial void LogFailed(string folder, string reason);
}
