using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The writer of one partition.
/// </summary>
/// <remarks>
/// <code>
///   1 queue (bounded) ──► 2 permit for a connection ──► 3 take appends ──► 4 one transaction ──► 5 signal, answers
/// </code>
/// <list type="number">
/// <item>If the queue is full, appends wait. An append whose turn does not come within the queue's timeout fails and is
/// not sent, because its publisher has given up or will give up before an answer comes.</item>
/// <item>The partitions share a few connections. Appends that arrive while this writer waits for one join the
/// group.</item>
/// <item>All waiting appends form one group, up to a bound: the round trip and the flush are paid once for all of
/// them.</item>
/// <item>A group has one command timeout, including the time to get its connection. If it fails, all of its appends
/// fail, and so do the appends that wait behind it. They would only wait for the same time again, and their publishers
/// retry under the same ids.</item>
/// <item>Only committed events are announced and acknowledged. If this process reads the partition, its agent takes
/// them from memory (<see cref="RecentEvents"/>).</item>
/// </list>
/// </remarks>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private readonly int _partition;
    private readonly PostgresConnections _connections;
    private readonly PostgresStorageOptions _options;
    private readonly PartitionSignal _signal;
    private readonly PostgresEpoch _epoch;
    private readonly PostgresOutage _outage;
    private readonly TimeProvider _time;
    private readonly PostgresAppender _appender;
    private readonly WriteQueue<PendingAppend> _queue;
    private readonly CancellationToken _closing;
    private readonly Task _run;

    public PostgresWriter(
        int partition,
        PostgresAppender appender,
        PostgresConnections connections,
        PostgresStorageOptions options,
        PartitionSignal signal,
        PostgresEpoch epoch,
        PostgresOutage outage,
        TimeProvider time,
        CancellationToken closing)
    {
        _partition = partition;
        _connections = connections;
        _options = options;
        _signal = signal;
        _epoch = epoch;
        _outage = outage;
        _time = time;
        _appender = appender;
        _closing = closing;
        _queue = new WriteQueue<PendingAppend>(options.MaxQueuedAppends, options.QueueTimeout, time);
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>
    /// Stores an append, or fails within the time that <see cref="PostgresStorageOptions.QueueTimeout"/> describes.
    /// </summary>
    public async Task<AppendedEvents> AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        // 1.
        var entered = _time.GetTimestamp();
        await _queue.EnqueueAsync(append, cancellationToken);
        var left = _options.QueueTimeout - _time.GetElapsedTime(entered);
        try
        {
            return await append.WaitForTurnAsync(
                left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw LogUnavailable.Because(
                $"the append's turn did not come for {LogUnavailable.Seconds(_options.QueueTimeout)}");
        }
    }

    /// <summary>Rejects new appends and commits the waiting ones.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _run;
    }

    private async Task RunAsync()
    {
        while (await _queue.WaitToTakeAsync())
        {
            // 2.
            using var permit = await _connections.Appends.AcquireAsync();
            await WriteAsync(Take());
        }
    }

    // 3.
    private PostgresAppendGroup Take()
    {
        var group = new PostgresAppendGroup(_options.MaxGroupCommit);
        while (_queue.TryTake(group.HasRoomFor, out var append))
        {
            group.Add(append);
        }

        return group;
    }

    private async Task WriteAsync(PostgresAppendGroup group)
    {
        if (group.Appends.Count == 0)
        {
            return;
        }

        var began = GroupMetrics.Now();
        // Read before the append is sent: see PostgresEpoch.
        var (known, epoch, isReadHere) = (_signal.Newest, _epoch.Current, _signal.IsReadHere);
        var storing = _appender.StoreAsync(group, announce: !isReadHere);
        IReadOnlyList<PartitionEntry> stored;
        try
        {
            // 4.
            stored = await storing.WaitAsync(_options.CommandTimeout + PostgresConnections.CancelTime, _time, _closing);
        }
        catch (Exception e)
        {
            Fail(group, e);
            // The callers have their answer. The next group waits until the connection is free, so this writer never
            // runs two transactions at once. When the log closes, the wait ends: the transaction is abandoned, and
            // disposing the connections ends it.
            await ((Task)storing.WaitAsync(_closing)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        // 5.
        _outage.Succeed(_partition);
        GroupMetrics.Record(stored.Count, began);
        if (stored.Count > 0)
        {
            foreach (var append in group.Appends.Where(append => !append.IsRejected))
            {
                append.SetCommitted();
            }

            Announce(stored, isReadHere, known, epoch);
        }

        foreach (var append in group.Appends.Where(append => !append.IsRejected))
        {
            append.Complete();
        }
    }

    private void Announce(IReadOnlyList<PartitionEntry> stored, bool isReadHere, long known, string epoch)
    {
        var first = stored[0].Position;
        if (first <= known)
        {
            _epoch.ReportRewritten(
                epoch,
                $"an append to partition {_partition} was stored at position {first}, but {known} had been reached " +
                "before");
        }

        if (_signal.Tail.Remember(stored) is { } position)
        {
            _epoch.ReportRewritten(epoch, $"position {position} of partition {_partition} held another event before");
        }

        if (isReadHere)
        {
            // The database assigned consecutive positions to them while no other transaction could append. So no other
            // event is between them, and every earlier event is committed.
            _signal.Recent.AddAfter(first - 1, stored);
        }
        else
        {
            _signal.Recent.Forget();
        }

        // After the events are in memory: the reader that wakes finds them there.
        _signal.NotifyCommitted(stored[^1].Position, isOwn: true, committedAt: EventStages.Now());
    }

    private void Fail(PostgresAppendGroup group, Exception e)
    {
        var answer = e switch
        {
            EventLogUnavailableException unavailable => unavailable,
            OperationCanceledException => LogUnavailable.Stopping(),
            _ when PostgresErrors.IsDatabase(e) => PostgresErrors.ToUnavailable(e),
            _ => LogUnavailable.Because("the write failed"),
        };
        // Rejected appends already have their answer.
        var failed = group.Appends.ToList();
        while (_queue.TryTake(_ => true, out var behind))
        {
            failed.Add(behind);
        }

        _outage.Fail(_partition, e, answer.Message, failed.Count);
        GroupMetrics.CountFailed(failed.Count);
        failed.ForEach(append => append.Fail(answer));
    }
}
