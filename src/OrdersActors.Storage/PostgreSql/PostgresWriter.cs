using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The writer of one partition.
/// </summary>
/// <remarks>
/// <code>
///   1 queue (bounded) ──► 2 ready ──► 3 one transaction of several writers ──► 4 signal, answers
/// </code>
/// <list type="number">
/// <item>If the queue is full, appends wait. An append whose turn does not come within the queue's timeout fails and is
/// not sent, because its publisher has given up or will give up before an answer comes.</item>
/// <item>The partitions share a few connections (<see cref="PostgresTransactions"/>). Appends that arrive while all are
/// busy join the next transaction.</item>
/// <item>All waiting appends form one group, up to a bound: the round trip, the statements and the flush are paid once
/// for all of them. If the transaction fails, all of its appends fail, and so do the appends that wait behind them.
/// They would only wait for the same time again, and their publishers retry under the same ids.</item>
/// <item>Only committed events are announced and acknowledged. If this process reads the partition, its agent takes
/// them from memory (<see cref="RecentEvents"/>).</item>
/// </list>
/// </remarks>
internal sealed class PostgresWriter(
    int partition,
    PostgresTransactions transactions,
    PostgresStorageOptions options,
    PartitionSignal signal,
    PostgresEpoch epoch,
    TimeProvider time)
{
    private readonly WriteQueue<PendingAppend> _queue = new(options.MaxQueuedAppends, options.QueueTimeout, time);

    /// <summary>The partition.</summary>
    public int Partition { get; } = partition;

    /// <summary>Whether this process reads the partition. Then other processes seldom append to it.</summary>
    public bool IsReadHere => signal.IsReadHere;

    /// <summary>The number of appends that wait for their turn, with those that their callers have given up.</summary>
    public int Waiting => _queue.Count;

    /// <summary>
    /// Stores an append, or fails within the time that <see cref="PostgresStorageOptions.QueueTimeout"/> describes.
    /// </summary>
    public async Task<AppendedEvents> AppendAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        // 1.
        var entered = time.GetTimestamp();
        await _queue.EnqueueAsync(append, cancellationToken);
        // 2.
        transactions.SetReady(this);
        var left = options.QueueTimeout - time.GetElapsedTime(entered);
        try
        {
            return await append.WaitForTurnAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw LogUnavailable.Because(
                $"the append's turn did not come for {LogUnavailable.Seconds(options.QueueTimeout)}");
        }
    }

    /// <summary>Rejects new appends. The waiting ones can still be taken.</summary>
    public void Close() => _queue.Close();

    /// <summary>
    /// Moves the waiting appends to a group, as far as it has room. Appends that their callers have given up are
    /// dropped. Only one caller at a time.
    /// </summary>
    public PartitionAppends Take(PostgresAppendGroup group)
    {
        var appends = new List<PendingAppend>();
        while (_queue.TryTake(group.HasRoomFor, out var append))
        {
            group.Add(append);
            appends.Add(append);
        }

        // Read before the appends are sent: see PostgresEpoch.
        return new PartitionAppends(this, appends, signal.IsReadHere, signal.Newest, epoch.Current);
    }

    /// <summary>Announces and answers appends after the commit.</summary>
    /// <param name="part">The appends. Those that were rejected have their answer.</param>
    /// <param name="stored">Their new events.</param>
    public void Complete(PartitionAppends part, IReadOnlyList<PartitionEntry> stored)
    {
        // 4.
        var accepted = part.Appends.FindAll(append => !append.IsRejected);
        if (stored.Count > 0)
        {
            accepted.ForEach(append => append.SetCommitted());
            Announce(part, stored);
        }

        accepted.ForEach(append => append.Complete());
    }

    /// <summary>Takes all waiting appends, because the transaction before them has failed.</summary>
    public List<PendingAppend> TakeAll()
    {
        var appends = new List<PendingAppend>();
        while (_queue.TryTake(_ => true, out var append))
        {
            appends.Add(append);
        }

        return appends;
    }

    private void Announce(PartitionAppends part, IReadOnlyList<PartitionEntry> stored)
    {
        var first = stored[0].Position;
        if (first <= part.Known)
        {
            epoch.ReportRewritten(
                part.Epoch,
                $"an append to partition {Partition} was stored at position {first}, but {part.Known} had been " +
                "reached before");
        }

        if (signal.Tail.Remember(stored) is { } position)
        {
            epoch.ReportRewritten(
                part.Epoch, $"position {position} of partition {Partition} held another event before");
        }

        if (part.IsReadHere)
        {
            // The database assigned consecutive positions to them while no other transaction could append. So no other
            // event is between them, and every earlier event is committed.
            signal.Recent.AddAfter(first - 1, stored);
        }
        else
        {
            signal.Recent.Forget();
        }

        // After the events are in memory: the reader that wakes finds them there.
        signal.NotifyCommitted(stored[^1].Position, isOwn: true, committedAt: EventStages.Now());
    }
}
