using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>A request to the writer, and its answer.</summary>
internal abstract class SqliteWrite
{
    /// <summary>The number of events in it. A group commit is bounded by the sum of its weights.</summary>
    public virtual int Weight => 1;

    /// <summary>Whether its caller gave up before its turn came.</summary>
    public virtual bool IsCancelled => false;

    /// <summary>
    /// Whether it runs in a transaction of its own, so that no append waits for it or fails with it.
    /// </summary>
    public virtual bool IsAlone => false;

    /// <summary>Writes, within the group's transaction and its own savepoint.</summary>
    public abstract void Execute(SqliteAppender appender);

    /// <summary>Answers the caller after the transaction is committed to disk.</summary>
    public abstract void Committed();

    /// <summary>Answers the caller after nothing of the request was written.</summary>
    public abstract void Failed(Exception exception);
}

/// <summary>An append.</summary>
internal sealed class AppendWrite(
    string organizationId,
    int partition,
    IReadOnlyList<OrderStatusEvent> events,
    CancellationToken cancellationToken) : SqliteWrite
{
    private readonly TaskCompletionSource<IReadOnlyList<OrderEvent>> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OrderEvent[]? _stored;

    public Task<IReadOnlyList<OrderEvent>> Answer => _answer.Task;

    public int Partition => partition;

    /// <summary>The position of the last new event; 0 if no event was new.</summary>
    public long NewestPosition { get; private set; }

    public override int Weight => events.Count;

    public override bool IsCancelled => cancellationToken.IsCancellationRequested;

    public override void Execute(SqliteAppender appender) =>
        (_stored, NewestPosition) = appender.Append(organizationId, partition, events);

    public override void Committed() => _answer.TrySetResult(_stored!);

    public override void Failed(Exception exception) => _answer.TrySetException(exception);
}

/// <summary>A checkpoint that moves forward.</summary>
internal sealed class CheckpointWrite(int partition, long position, string epoch) : SqliteWrite
{
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Answer => _answer.Task;

    public override void Execute(SqliteAppender appender) => appender.SaveCheckpoint(partition, position, epoch);

    public override void Committed() => _answer.TrySetResult();

    public override void Failed(Exception exception) => _answer.TrySetException(exception);
}

/// <summary>A new epoch, unless another one has begun since the caller's observation.</summary>
internal sealed class EpochWrite(string ended, string reason, SqliteEpoch epoch) : SqliteWrite
{
    private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _next = LogEpoch.New();
    private long? _newest;

    /// <summary>The current epoch of the log.</summary>
    public Task<string> Answer => _answer.Task;

    public override bool IsAlone => true;

    public override void Execute(SqliteAppender appender) => _newest = appender.BeginEpoch(ended, _next);

    public override void Committed()
    {
        if (_newest is { } newest)
        {
            epoch.Begun(_next, newest, reason);
        }

        _answer.TrySetResult(epoch.Current);
    }

    public override void Failed(Exception exception) => _answer.TrySetException(exception);
}

/// <summary>A batch of events to remove.</summary>
internal sealed class TrimWrite(
    SqliteTrimPlan plan, RetentionLimits limits, TimeProvider time, CancellationToken cancellationToken) : SqliteWrite
{
    private readonly TaskCompletionSource<TrimResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TrimResult _result;

    public Task<TrimResult> Answer => _answer.Task;

    public override bool IsCancelled => cancellationToken.IsCancellationRequested;

    public override bool IsAlone => true;

    public override void Execute(SqliteAppender appender) =>
        _result = appender.Trimmer.Trim(plan, limits, new SqliteTrimBudget(time));

    public override void Committed() => _answer.TrySetResult(_result);

    public override void Failed(Exception exception) => _answer.TrySetException(exception);
}
