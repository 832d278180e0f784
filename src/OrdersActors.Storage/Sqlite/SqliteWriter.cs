using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The only writer of the log, on its own thread.
/// </summary>
/// <remarks>
/// <code>
///   1 queue (bounded) ──► 2 take the waiting writes ──► 3 one transaction ──► 4 disk ──► 5 signals, answers
/// </code>
/// <list type="number">
/// <item>If the queue is full, appends wait and then fail.</item>
/// <item>All waiting writes form one group, up to a bound: the disk's flush dominates the cost and is paid once for all
/// of them. Only the removal of old events and a new epoch form a group of their own. If all waiting writes were
/// cancelled, no transaction is made.</item>
/// <item>Each write has a savepoint, so a rejected write does not affect the others.</item>
/// <item>If the commit fails (for example because the disk is full), the whole group fails, and the next group opens a
/// new connection. If the group was the removal of old events, its caller logs the failure, once and not at every
/// retry.</item>
/// <item>Only events that are on disk are announced and acknowledged, after <see cref="SqliteMark"/> has
/// advanced.</item>
/// </list>
/// </remarks>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStorageOptions _options;
    private readonly SqliteEpoch _epoch;
    private readonly Action<AppendWrite> _onCommitted;
    private readonly ILogger _logger;
    private readonly WriteQueue<SqliteWrite> _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteAppender? _appender;
    private string? _failure;
    private long _failedWrites;

    public SqliteWriter(
        SqliteDatabase database, SqliteStorageOptions options, SqliteEpoch epoch, Action<AppendWrite> onCommitted,
        TimeProvider time, ILogger logger)
    {
        _database = database;
        _epoch = epoch;
        _options = options;
        _onCommitted = onCommitted;
        _logger = logger;
        _queue = new WriteQueue<SqliteWrite>(options.MaxQueuedAppends, options.QueueTimeout, time);
        _appender = new SqliteAppender(database.Open());
        new Thread(Run) { IsBackground = true, Name = "event log writer" }.Start();
    }

    // 1.
    public Task EnqueueAsync(SqliteWrite write, CancellationToken cancellationToken) =>
        _queue.EnqueueAsync(write, cancellationToken);

    /// <summary>Rejects new writes, commits the waiting ones, and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _ended.Task;
    }

    private void Run()
    {
        var group = new List<SqliteWrite>();
        var accepted = new List<SqliteWrite>();
        // A blocking wait is right here, because this thread has no other work.
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            Take(group);
            if (group.Count > 0)
            {
                Write(group, accepted);
            }

            group.Clear();
            accepted.Clear();
        }

        _appender?.Dispose();
        _ended.SetResult();
    }

    // 2.
    private void Take(List<SqliteWrite> group)
    {
        var weight = 0;
        while (weight < _options.MaxGroupCommit
            && _queue.Reader.TryPeek(out var next) && !(next.IsAlone && group.Count > 0)
            && _queue.Reader.TryRead(out var write))
        {
            if (write.IsCancelled)
            {
                write.Failed(
                    new OperationCanceledException("The write was cancelled before its turn; nothing was stored."));
                continue;
            }

            weight += write.Weight;
            group.Add(write);
            if (write.IsAlone)
            {
                return;
            }
        }
    }

    private void Write(List<SqliteWrite> group, List<SqliteWrite> accepted)
    {
        try
        {
            // 3.
            _appender ??= new SqliteAppender(_database.Open());
            _appender.Begin();
            foreach (var write in group)
            {
                if (Execute(write))
                {
                    accepted.Add(write);
                }
            }

            // 4.
            _appender.Commit();
        }
        catch (Exception e)
        {
            Fail(group, e);
            return;
        }

        if (_failure is not null)
        {
            LogWritesAgain(_failedWrites);
            (_failure, _failedWrites) = (null, 0);
        }

        // 5.
        Mark(accepted);
        foreach (var write in accepted)
        {
            if (write is AppendWrite append)
            {
                _onCommitted(append);
            }

            write.Committed();
        }
    }

    /// <summary>
    /// Advances the mark outside of the database, before any caller or reader learns of positions after it.
    /// </summary>
    private void Mark(List<SqliteWrite> accepted)
    {
        var newest = 0L;
        foreach (var write in accepted)
        {
            newest = Math.Max(newest, (write as AppendWrite)?.NewestPosition ?? 0);
        }

        if (newest > 0)
        {
            _epoch.Committed(newest);
        }
    }

    /// <summary>Runs one write. Returns false if it was rejected; its caller then has the answer.</summary>
    private bool Execute(SqliteWrite write)
    {
        try
        {
            _appender!.InSavepoint(write);
            return true;
        }
        catch (EventConflictException e)
        {
            write.Failed(e);
            return false;
        }
    }

    private void Fail(List<SqliteWrite> group, Exception e)
    {
        // Closing the connection rolls back the transaction.
        _appender?.Dispose();
        _appender = null;
        var answer = e is SqliteException sqlite
            ? SqliteErrors.ToUnavailable(sqlite)
            : new EventLogUnavailableException("the event log is unavailable: the write failed");
        if (e is not SqliteException || !group[0].IsAlone)
        {
            // Logged only once per reason: while the disk is full, every write fails in the same way.
            if (_failure != answer.Message)
            {
                _failure = answer.Message;
                LogWriteFailed(e, group.Count);
            }

            _failedWrites += group.Count;
        }

        foreach (var write in group)
        {
            // Rejected writes already have their answer.
            write.Failed(answer);
        }
    }

    [LoggerMessage(1000, LogLevel.Error,
        "A transaction of {Count} writes to the event log failed. Their callers are notified; each next write " +
        "reopens the database until one succeeds")]
    private partial void LogWriteFailed(Exception exception, int count);

    [LoggerMessage(1002, LogLevel.Information,
        "The event log accepts writes again, after {Count} failed writes")]
    private partial void LogWritesAgain(long count);
}
