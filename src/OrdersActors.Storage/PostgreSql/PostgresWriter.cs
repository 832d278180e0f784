using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The writer of one partition.
/// </summary>
/// <remarks>
/// <code>
///   1 queue (bounded) ──► 2 a connection's turn ──► 3 take what waits ──► 4 one transaction ──► 5 signal, answers
/// </code>
/// <list type="number">
/// <item>A full queue makes appends wait. One whose turn has not come after the queue's timeout fails, and is not sent: its publisher
/// has given it up, or will before an answer comes.</item>
/// <item>Partitions take turns for a few connections. What comes while this one waits goes along.</item>
/// <item>Whatever waits goes together, up to a bound: round trip and flush are paid once for all of it.</item>
/// <item>It has one command's time, its connection included. When it fails, all of the group fail, and so do those behind it: they
/// would only wait as long again, and their publishers repeat them under the same ids.</item>
/// <item>Only what is committed is announced and acknowledged.</item>
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
        int partition, PostgresAppender appender, PostgresConnections connections, PostgresStorageOptions options, PartitionSignal signal,
        PostgresEpoch epoch, PostgresOutage outage, TimeProvider time, CancellationToken closing)
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

    /// <summary>Stores an append, or fails within the time that <see cref="PostgresStorageOptions.QueueTimeout"/> tells.</summary>
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
                    $"the event log is unavailable: the append's turn did not come for {_options.QueueTimeout.TotalSeconds:0.#} s");
            }
        }
        catch (OperationCanceledException)
        {
            append.TryGiveUp();
            throw;
        }

        // It has been sent.
        return await append.Answer.WaitAsync(cancellationToken);
    }

    /// <summary>Refuses new appends and commits those that wait.</summary>
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

        // Before the append is sent: see PostgresEpoch.
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
            // They have their answer; the next group waits until the connection is free.
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
                epoch, $"an append to partition {_partition} was stored at position {first}, and {known} had been reached before");
        }

        _signal.Tail.Remember(newest, ids);
        _signal.Committed(newest);
    }

    private void Fail(PostgresAppendGroup group, Exception e)
    {
        var answer = e switch
        {
            EventLogUnavailableException unavailable => unavailable,
            OperationCanceledException => new EventLogUnavailableException("the event log is unavailable: the server is stopping"),
            _ when PostgresErrors.IsDatabase(e) => PostgresErrors.ToUnavailable(e),
            _ => new EventLogUnavailableException("the event log is unavailable: the write failed"),
        };
        // Those that were refused have their answer already.
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
