using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The writer of one partition.
/// </summary>
/// <remarks>
/// <code>
///   1 queue (bounded) ──► 2 connection's slot ──► 3 take waiting appends ──► 4 one transaction ──► 5 signal, answers
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
/// <item>Only committed events are announced and acknowledged.</item>
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
    private readonly WriteQueue<PostgresAppend> _queue;
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
        _queue = new WriteQueue<PostgresAppend>(options.MaxQueuedAppends, options.QueueTimeout, time);
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>
    /// Stores an append, or fails within the time that <see cref="PostgresStorageOptions.QueueTimeout"/> describes.
    /// </summary>
    public async Task<IReadOnlyList<OrderEvent>> AppendAsync(PostgresAppend append, CancellationToken cancellationToken)
    {
        // 1.
        var entered = _time.GetTimestamp();
        await _queue.EnqueueAsync(append, cancellationToken);
        var left = _options.QueueTimeout - _time.GetElapsedTime(entered);
        try
        {
            return await append.Answer.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            if (append.TryGiveUp())
            {
                throw new EventLogUnavailableException(
                    "the event log is unavailable: the append's turn did not come for " +
                    $"{_options.QueueTimeout.TotalSeconds:0.#} s");
            }
        }
        catch (OperationCanceledException)
        {
            append.TryGiveUp();
            throw;
        }

        // The append has been sent, so its answer will come.
        return await append.Answer.WaitAsync(cancellationToken);
    }

    /// <summary>Rejects new appends and commits the waiting ones.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _run;
    }

    private async Task RunAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            // 2.
            using var turn = await _connections.Appends.TakeAsync();
            await WriteAsync(Take());
        }
    }

    // 3.
    private PostgresAppendGroup Take()
    {
        var group = new PostgresAppendGroup(_options.MaxGroupCommit);
        while (_queue.Reader.TryPeek(out var append) && group.HasRoomFor(append))
        {
            if (append.TryTake())
            {
                group.Add(append);
            }

            _queue.Reader.TryRead(out _);
        }

        return group;
    }

    private async Task WriteAsync(PostgresAppendGroup group)
    {
        if (group.Appends.Count == 0)
        {
            return;
        }

        // Read before the append is sent: see PostgresEpoch.
        var (known, epoch) = (_signal.Newest, _epoch.Current);
        var storing = _appender.StoreAsync(group, announce: !_signal.IsReadHere);
        (long Newest, IReadOnlyList<string> Ids) stored;
        try
        {
            // 4.
            stored = await storing.WaitAsync(_options.CommandTimeout + PostgresConnections.CancelTime, _time, _closing);
        }
        catch (Exception e)
        {
            Fail(group, e);
            // The callers have their answer. The next group waits until the connection is free.
            await ((Task)storing.WaitAsync(_closing)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        // 5.
        _outage.Succeeded(_partition);
        if (stored.Newest > 0)
        {
            Announce(stored.Newest, stored.Ids, known, epoch);
        }

        foreach (var append in group.Appends.Where(append => !append.IsRefused))
        {
            append.Committed();
        }
    }

    private void Announce(long newest, IReadOnlyList<string> ids, long known, string epoch)
    {
        var first = newest - ids.Count + 1;
        if (first <= known)
        {
            _epoch.Suspect(
                epoch,
                $"an append to partition {_partition} was stored at position {first}, but {known} had been reached " +
                "before");
        }

        _signal.Tail.Remember(newest, ids);
        _signal.Committed(newest);
    }

    private void Fail(PostgresAppendGroup group, Exception e)
    {
        var answer = e switch
        {
            EventLogUnavailableException unavailable => unavailable,
            OperationCanceledException =>
                new EventLogUnavailableException("the event log is unavailable: the server is stopping"),
            _ when PostgresErrors.IsDatabase(e) => PostgresErrors.ToUnavailable(e),
            _ => new EventLogUnavailableException("the event log is unavailable: the write failed"),
        };
        // Rejected appends already have their answer.
        var failed = group.Appends.ToList();
        while (_queue.Reader.TryRead(out var behind))
        {
            if (behind.TryTake())
            {
                failed.Add(behind);
            }
        }

        _outage.Failed(_partition, e, answer.Message, failed.Count);
        failed.ForEach(append => append.Failed(answer));
    }
}
