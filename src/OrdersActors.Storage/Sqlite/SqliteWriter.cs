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
/// of them. If several callers append at the same time, <see cref="GroupPace"/> waits a short time for all of them.
/// Only the removal of old events and a new epoch form a group of their own. If all waiting writes were given up, no
/// transaction is made.</item>
/// <item>A rejected write undoes itself, so it does not affect the others.</item>
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
    private readonly Action<IReadOnlyList<SqliteWriteRequest>> _onCommitted;
    private readonly ILogger _logger;
    private readonly WriteQueue<SqliteWriteRequest> _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Outage _outage = new();
    private readonly SqliteCheckpointer _checkpointer;

    // Without spinning: it would cost a quarter of the writer's CPU at a thousand events per second.
    private readonly ManualResetEventSlim _hasWrites = new(false, spinCount: 0);
    private readonly Action _wake;

    // Set when as many writes wait as the paused writer expects. An event of its own, because a late signal would end
    // the wait for the first write too early.
    private readonly ManualResetEventSlim _hasExpected = new(false, spinCount: 0);
    private readonly GroupPace _pace;

    // The number of writes that the paused writer expects; otherwise 0.
    private int _expected;

    // Only the writer's thread uses it; the constructor sets it before the thread starts.
    private SqliteAppender? _appender;

    public SqliteWriter(
        SqliteDatabase database,
        SqliteStorageOptions options,
        SqliteEpoch epoch,
        Action<IReadOnlyList<SqliteWriteRequest>> onCommitted,
        TimeProvider time,
        ILogger logger)
    {
        _database = database;
        _epoch = epoch;
        _options = options;
        _onCommitted = onCommitted;
        _logger = logger;
        _queue = new WriteQueue<SqliteWriteRequest>(
            options.MaxQueuedAppends, options.QueueTimeout, time, wakesInline: true);
        _wake = _hasWrites.Set;
        _pace = new GroupPace(options.GroupInterval, time);
        _appender = OpenAppender();
        _checkpointer = new SqliteCheckpointer(database, logger);
        new Thread(Run) { IsBackground = true, Name = "event log writer" }.Start();
    }

    // 1.
    public Task EnqueueAsync(SqliteWriteRequest request, CancellationToken cancellationToken)
    {
        var enqueued = _queue.EnqueueAsync(request, cancellationToken);
        if (Volatile.Read(ref _expected) is > 0 and var expected && _queue.Count >= expected)
        {
            _hasExpected.Set();
        }

        return enqueued;
    }

    /// <summary>Rejects new writes, commits the waiting ones, and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _ended.Task;
    }

    private void Run()
    {
        var group = new List<SqliteWriteRequest>();
        var accepted = new List<SqliteWriteRequest>();
        while (WaitForWrites())
        {
            WaitForExpected();
            Take(group);
            if (group.Count > 0)
            {
                Write(group, accepted);
            }

            group.Clear();
            accepted.Clear();
        }

        _appender?.Dispose();
        _checkpointer.Dispose();
        _hasWrites.Dispose();
        _hasExpected.Dispose();
        _ended.SetResult();
    }

    /// <summary>
    /// Blocks until there are writes. A blocking wait is right here, because this thread has no other work. Returns
    /// false if the queue is closed and empty.
    /// </summary>
    private bool WaitForWrites()
    {
        // The awaiter is used once, as an await does.
#pragma warning disable CA2012
        var waiting = _queue.WaitToTakeAsync().GetAwaiter();
#pragma warning restore CA2012
        if (!waiting.IsCompleted)
        {
            _hasWrites.Reset();
            waiting.UnsafeOnCompleted(_wake);
            _hasWrites.Wait();
        }

        return waiting.GetResult();
    }

    /// <summary>Blocks for a short time if more appends are likely to come.</summary>
    private void WaitForExpected()
    {
        var left = _pace.MayWait(_queue.Count);
        if (left == TimeSpan.Zero)
        {
            return;
        }

        _hasExpected.Reset();
        Interlocked.Exchange(ref _expected, _pace.Expected);
        if (_queue.Count < _pace.Expected)
        {
            _hasExpected.Wait((int)Math.Ceiling(left.TotalMilliseconds));
        }

        Volatile.Write(ref _expected, 0);
    }

    private SqliteAppender OpenAppender()
    {
        var appender = new SqliteAppender(_database.Open());
        appender.LeaveCheckpoints();
        return appender;
    }

    // 2.
    private void Take(List<SqliteWriteRequest> group)
    {
        var (weight, appends) = (0, 0);
        while (weight < _options.MaxGroupCommit
            && _queue.TryTake(next => group.Count == 0 || !next.IsExclusive, out var request))
        {
            weight += request.Weight;
            group.Add(request);
            if (request.IsExclusive)
            {
                return;
            }

            appends += request is SqliteAppendRequest ? 1 : 0;
        }

        _pace.Begin(appends);
    }

    private void Write(List<SqliteWriteRequest> group, List<SqliteWriteRequest> accepted)
    {
        var began = GroupMetrics.Now();
        try
        {
            // 3.
            _appender ??= OpenAppender();
            _appender.Begin();
            foreach (var request in group)
            {
                if (Execute(request))
                {
                    accepted.Add(request);
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

        if (_outage.Succeed() is { } failed)
        {
            LogWritesAgain(failed);
        }

        // 5.
        GroupMetrics.Record(accepted.Sum(static request => request.AppendedEvents), began);
        Mark(accepted);
        _onCommitted(accepted);
        foreach (var request in accepted)
        {
            request.Complete();
        }

        _checkpointer.OnCommitted(_appender);
    }

    /// <summary>
    /// Advances the mark outside of the database, before any caller or reader learns of positions after it.
    /// </summary>
    private void Mark(List<SqliteWriteRequest> accepted)
    {
        var newest = 0L;
        foreach (var request in accepted)
        {
            newest = Math.Max(newest, (request as SqliteAppendRequest)?.NewestPosition ?? 0);
        }

        if (newest > 0)
        {
            _epoch.Advance(newest);
        }
    }

    /// <summary>Runs one write. Returns false if it was rejected; its caller then has the answer.</summary>
    private bool Execute(SqliteWriteRequest request)
    {
        try
        {
            request.Execute(_appender!);
            return true;
        }
        catch (EventConflictException e)
        {
            request.Fail(e);
            return false;
        }
    }

    private void Fail(List<SqliteWriteRequest> group, Exception e)
    {
        // Closing the connection rolls back the transaction.
        _appender?.Dispose();
        _appender = null;
        var answer = e is SqliteException sqlite
            ? SqliteErrors.ToUnavailable(sqlite)
            : LogUnavailable.Because("the write failed");
        var isReportedByCaller = e is SqliteException && group[0].IsExclusive;
        if (!isReportedByCaller && _outage.Fail(answer.Message, group.Count))
        {
            LogWriteFailed(e, group.Count);
        }

        GroupMetrics.CountFailed(group.Count(static request => request is SqliteAppendRequest));
        foreach (var request in group)
        {
            // Rejected writes already have their answer.
            request.Fail(answer);
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
