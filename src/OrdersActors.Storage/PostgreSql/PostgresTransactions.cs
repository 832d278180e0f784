using System.Diagnostics.CodeAnalysis;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The transactions in which a process appends to its partitions. The partitions share them, because a transaction
/// costs PostgreSQL as much as about 25 events.
/// </summary>
/// <remarks>
/// <code>
///   writers with waiting appends ──► ready ──► 1 a free connection takes them ──► 2 one transaction ──► 3 answers
/// </code>
/// <list type="number">
/// <item>A connection takes all appends of one ready writer after the other, until it has enough events. The next
/// connection takes the rest: two transactions at once are faster than one that is twice as long. If several callers
/// append at the same time, <see cref="GroupPace"/> waits a short time for all of them. A writer is in one transaction
/// at a time.</item>
/// <item>A transaction has one command timeout, including the time to get its connection. If it fails, all of its
/// appends fail. The next one waits until the connection is free.</item>
/// <item>Only partitions that this process reads share a transaction. Other processes append to the others too, and an
/// append waits for the transaction before it. If this happens nevertheless, for example with a process that was
/// stopped in a transaction, that partition gets a transaction of its own and the others do not wait.</item>
/// </list>
/// Thread-safe. No code under the lock takes another lock, except that of a writer's queue.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds no resources.")]
internal sealed class PostgresTransactions
{
    // In a transaction of this number, an event costs less than twice as much as in a very large one.
    private const int EnoughAppends = 32;

    // A transaction with this number leaves the other ready writers to the next connection, if there are several.
    private const int EnoughEvents = 20;

    private readonly PostgresAppender _appender;
    private readonly PostgresStorageOptions _options;
    private readonly PostgresOutage _outage;
    private readonly TimeProvider _time;
    private readonly CancellationToken _closing;
    private readonly Task[] _runs;

    // Held by the connection that collects the next group. It uses the pace.
    private readonly SemaphoreSlim _collecting = new(1);
    private readonly GroupPace _pace;

    private readonly Lock _lock = new();

    // Used under the lock. The active writers are in the queue of the ready ones, once, or in a transaction.
    private readonly HashSet<PostgresWriter> _active = [];
    private readonly Queue<(PostgresWriter Writer, bool Shares)> _ready = [];
    private bool _isClosed;

    // The wait of the collecting connection, and the number of appends that end it.
    private TaskCompletionSource? _signal;
    private int _needed;

    /// <summary>Begins to wait for writers.</summary>
    /// <param name="appender">Stores a group.</param>
    /// <param name="options">The number of connections, and the bounds.</param>
    /// <param name="outage">Logs failures.</param>
    /// <param name="time">The clock.</param>
    /// <param name="closing">Ends the wait for transactions when the log closes.</param>
    public PostgresTransactions(
        PostgresAppender appender,
        PostgresStorageOptions options,
        PostgresOutage outage,
        TimeProvider time,
        CancellationToken closing)
    {
        (_appender, _options, _outage, _time, _closing) = (appender, options, outage, time, closing);
        _pace = new GroupPace(options.GroupInterval, time, enough: EnoughAppends);
        _runs =
        [
            .. Enumerable.Range(0, options.AppendConnections).Select(_ => Task.Run(RunAsync, CancellationToken.None)),
        ];
    }

    /// <summary>Tells that an append waits in a writer's queue.</summary>
    public void SetReady(PostgresWriter writer)
    {
        var shares = writer.IsReadHere;
        TaskCompletionSource? signal = null;
        lock (_lock)
        {
            if (_active.Add(writer))
            {
                _ready.Enqueue((writer, shares));
            }

            if (_signal is not null && CountWaiting() >= _needed)
            {
                (signal, _signal) = (_signal, null);
            }
        }

        signal?.TrySetResult();
    }

    /// <summary>Rejects new appends of the writers, and ends when the waiting ones have their answers.</summary>
    public async Task CloseAsync(IReadOnlyCollection<PostgresWriter> writers)
    {
        foreach (var writer in writers)
        {
            writer.Close();
            // An append may be in the queue whose caller has not yet done this.
            SetReady(writer);
        }

        TaskCompletionSource? signal;
        lock (_lock)
        {
            _isClosed = true;
            (signal, _signal) = (_signal, null);
        }

        signal?.TrySetResult();
        await Task.WhenAll(_runs);
    }

    /// <summary>The work of one connection.</summary>
    private async Task RunAsync()
    {
        while (await CollectAsync() is var (group, parts))
        {
            var busy = await StoreAsync(group, parts);
            Release(parts.Except(busy));
            foreach (var part in busy)
            {
                await StoreAsync(
                    group.Where(append => append.Partition == part.Writer.Partition && !append.IsRejected), [part]);
                Release([part]);
            }
        }
    }

    /// <summary>Waits until writers are ready, and takes their appends. Returns null after the close.</summary>
    private async Task<(PostgresAppendGroup Group, List<PartitionAppends> Parts)?> CollectAsync()
    {
        await _collecting.WaitAsync(CancellationToken.None);
        try
        {
            var waiting = await WaitAsync(needed: 1, Timeout.InfiniteTimeSpan);
            if (_pace.MayWait(waiting) is var pause && pause > TimeSpan.Zero)
            {
                await WaitAsync(_pace.Expected, pause);
            }

            // 1.
            var (group, parts) = (new PostgresAppendGroup(_options.MaxGroupCommit), new List<PartitionAppends>());
            for (var next = TakeReady(mustShare: false);
                next is var (writer, shares);
                next = shares && !IsEnough() ? TakeReady(mustShare: true) : null)
            {
                parts.Add(writer.Take(group));
            }

            _pace.Begin(group.Appends.Count);
            return parts.Count > 0 ? (group, parts) : null;

            bool IsEnough() =>
                group.IsFull || (_options.AppendConnections > 1 && group.EventIds.Count >= EnoughEvents);
        }
        finally
        {
            _collecting.Release();
        }
    }

    /// <summary>
    /// Waits until a number of appends wait, or for a time, or until the close. Returns the number that wait.
    /// </summary>
    private async Task<int> WaitAsync(int needed, TimeSpan timeout)
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            var waiting = CountWaiting();
            if (_isClosed || waiting >= needed)
            {
                return waiting;
            }

            _needed = needed;
            _signal = signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // The wait is in real time, also if the clock is a test's.
        await using var timer = new Timer(_ => signal.TrySetResult(), null, timeout, Timeout.InfiniteTimeSpan);
        await signal.Task;
        lock (_lock)
        {
            _signal = null;
            return CountWaiting();
        }
    }

    // Under the lock.
    private int CountWaiting()
    {
        var waiting = 0;
        foreach (var (writer, _) in _ready)
        {
            waiting += writer.Waiting;
        }

        return waiting;
    }

    /// <summary>
    /// Returns the next ready writer. Returns null if no writer is ready, or if the next one must not share.
    /// </summary>
    private (PostgresWriter Writer, bool Shares)? TakeReady(bool mustShare)
    {
        lock (_lock)
        {
            return _ready.TryPeek(out var next) && (next.Shares || !mustShare) ? _ready.Dequeue() : null;
        }
    }

    /// <summary>Lets writers whose transaction has ended be in the next one, if they have waiting appends.</summary>
    private void Release(IEnumerable<PartitionAppends> parts)
    {
        foreach (var part in parts)
        {
            lock (_lock)
            {
                _active.Remove(part.Writer);
            }

            if (part.Writer.Waiting > 0)
            {
                SetReady(part.Writer);
            }
        }
    }

    /// <summary>Stores a group and answers its appends, except those of busy partitions, which it returns.</summary>
    private async Task<List<PartitionAppends>> StoreAsync(PostgresAppendGroup group, List<PartitionAppends> parts)
    {
        if (group.Appends.Count == 0)
        {
            return [];
        }

        var began = GroupMetrics.Now();
        var storing = _appender.StoreAsync(group, announce: parts.Exists(part => !part.IsReadHere));
        try
        {
            // 2.
            var stored = await storing.WaitAsync(
                _options.CommandTimeout + PostgresConnections.CancelTime, _time, _closing);
            GroupMetrics.Record(stored.Entries.Values.Sum(entries => entries.Count), began);
            // 3.
            var busy = parts.FindAll(part => stored.Busy.Contains(part.Writer.Partition));
            foreach (var part in parts.Except(busy))
            {
                _outage.Succeed(part.Writer.Partition);
                part.Writer.Complete(part, stored.Entries.GetValueOrDefault(part.Writer.Partition, []));
            }

            return busy;
        }
        catch (Exception e)
        {
            Fail(parts, e);
            // The callers have their answer. When the log closes, the wait ends: the transaction is abandoned, and
            // disposing the connections ends it.
            await ((Task)storing.WaitAsync(_closing)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return [];
        }
    }

    private void Fail(List<PartitionAppends> parts, Exception e)
    {
        var answer = e switch
        {
            EventLogUnavailableException unavailable => unavailable,
            OperationCanceledException => LogUnavailable.Stopping(),
            _ when PostgresErrors.IsDatabase(e) => PostgresErrors.ToUnavailable(e),
            _ => LogUnavailable.Because("the write failed"),
        };
        // Rejected appends already have their answer.
        var failed = parts.SelectMany(part => part.Appends.Concat(part.Writer.TakeAll())).ToList();
        _outage.Fail(parts.Select(part => part.Writer.Partition), e, answer.Message, failed.Count);
        GroupMetrics.CountFailed(failed.Count);
        failed.ForEach(append => append.Fail(answer));
    }
}
