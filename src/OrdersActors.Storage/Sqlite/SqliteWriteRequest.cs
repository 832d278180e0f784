using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>A request to the writer. Its caller waits for the answer of the pending write.</summary>
internal abstract class SqliteWriteRequest(IPendingWrite pending) : IPendingWrite
{
    /// <summary>The number of events in it. A group commit is bounded by the sum of its weights.</summary>
    public virtual int Weight => 1;

    /// <summary>The number of events that it has appended.</summary>
    public virtual int AppendedEvents => 0;

    /// <summary>
    /// Whether it runs in a transaction of its own, so that no append waits for it or fails with it.
    /// </summary>
    public virtual bool IsExclusive => false;

    public bool TryTake() => pending.TryTake();

    /// <summary>Answers the caller after nothing of the request was written.</summary>
    public void Fail(Exception exception) => pending.Fail(exception);

    /// <summary>Writes, within the group's transaction.</summary>
    /// <exception cref="EventConflictException">The write was rejected and has changed nothing.</exception>
    public abstract void Execute(SqliteAppender appender);

    /// <summary>Answers the caller after the transaction is committed to disk.</summary>
    public abstract void Complete();
}

/// <summary>An append.</summary>
internal sealed class SqliteAppendRequest(PendingAppend append) : SqliteWriteRequest(append)
{
    public int Partition => append.Partition;

    /// <summary>The position of the last new event; 0 if no event was new.</summary>
    public long NewestPosition { get; private set; }

    /// <summary>The new events.</summary>
    public IReadOnlyList<PartitionEntry> NewEntries => append.NewEntries;

    public override int Weight => append.Events.Count;

    public override int AppendedEvents => append.NewEntries.Count;

    public override void Execute(SqliteAppender appender) => NewestPosition = appender.Append(append);

    /// <summary>Records the commit, before a reader can get the events.</summary>
    public void SetCommitted() => append.SetCommitted();

    public override void Complete() => append.Complete();
}

/// <summary>A checkpoint that moves forward.</summary>
internal sealed class SqliteCheckpointRequest(PendingWrite<bool> pending, int partition, long position, string epoch)
    : SqliteWriteRequest(pending)
{
    public override void Execute(SqliteAppender appender) => appender.SaveCheckpoint(partition, position, epoch);

    public override void Complete() => pending.Complete(true);
}

/// <summary>
/// A new epoch, unless another one has begun since the caller's observation. The answer is the current epoch of the
/// log.
/// </summary>
/// <param name="pending">The caller's wait.</param>
/// <param name="ended">The epoch that the caller has observed.</param>
/// <param name="reason">Why a new epoch begins.</param>
/// <param name="epoch">The epoch that the process uses.</param>
/// <param name="beginning">
/// Called with the newest position right before the process uses the new epoch.
/// </param>
internal sealed class SqliteEpochRequest(
    PendingWrite<string> pending, string ended, string reason, SqliteEpoch epoch, Action<long> beginning)
    : SqliteWriteRequest(pending)
{
    private readonly string _next = LogEpoch.New();
    private long? _newest;

    public override bool IsExclusive => true;

    public override void Execute(SqliteAppender appender) => _newest = appender.BeginEpoch(ended, _next);

    public override void Complete()
    {
        if (_newest is { } newest)
        {
            beginning(newest);
            epoch.Begin(_next, newest, reason);
        }

        pending.Complete(epoch.Current);
    }
}

/// <summary>A batch of events to remove.</summary>
internal sealed class SqliteTrimRequest(
    PendingWrite<TrimResult> pending, SqliteTrimPlan plan, RetentionLimits limits, TimeProvider time)
    : SqliteWriteRequest(pending)
{
    private TrimResult _result;

    public override bool IsExclusive => true;

    public override void Execute(SqliteAppender appender) =>
        _result = appender.Trimmer.Trim(plan, limits, new SqliteTrimBudget(time));

    public override void Complete() => pending.Complete(_result);
}
