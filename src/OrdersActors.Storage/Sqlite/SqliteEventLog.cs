using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Folders;
using OrdersActors.Storage.Retention;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The event log in one SQLite file, for a single server. Writes go through <see cref="SqliteWriter"/>, reads through
/// <see cref="SqliteReaders"/>. New events are signalled only inside the process, so only one server may use a folder.
/// </summary>
public sealed partial class SqliteEventLog : IEventLog, IAsyncDisposable
{
    private readonly FileStream _lock;
    private readonly SqliteReaders _readers;
    private readonly SqliteWriter _writer;
    private readonly SqliteEpoch _epoch;
    private readonly PartitionSignal[] _signals;
    private readonly PartitionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly RetentionClock _clock;

    private SqliteEventLog(SqliteStorageOptions options, TimeProvider time, ILogger logger)
    {
        _time = time;
        _clock = new RetentionClock(time);
        DataFolder.Open(Path.GetFullPath(options.DataDirectory));
        _lock = SqliteFolderLock.Take(Path.GetFullPath(options.DataDirectory));
        try
        {
            var database = new SqliteDatabase(options, logger);
            PartitionCount = database.PartitionCount;
            if (PartitionCount != options.PartitionCount)
            {
                LogPartitionCount(logger, options.PartitionCount, PartitionCount);
            }

            _epoch = SqliteEpoch.Open(database, logger);
            using (var reader = new SqliteReader(database.Open()))
            {
                _signals =
                [
                    .. Enumerable.Range(0, PartitionCount).Select(i => new PartitionSignal(reader.Newest(i), time))
                ];
            }

            _metrics = new PartitionMetrics(_signals);
            MetricZeros.Register(GroupMetrics.CountZeros);
            _readers = new SqliteReaders(database);
            _writer = new SqliteWriter(database, options, _epoch, Announce, time, logger);
        }
        catch
        {
            _epoch?.Dispose();
            _lock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Epoch => _epoch.Current;

    /// <inheritdoc/>
    public int PartitionCount { get; }

    /// <summary>Opens the log and locks its folder for this process.</summary>
    /// <exception cref="StorageException">
    /// The folder cannot be written or is in use, or the schema is of a later version.
    /// </exception>
    public static SqliteEventLog Open(SqliteStorageOptions options, TimeProvider time, ILogger<SqliteEventLog> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return new SqliteEventLog(options, time, logger);
        }
        catch (SqliteException e)
        {
            throw new StorageException(
                $"the database in {Path.GetFullPath(options.DataDirectory)} cannot be used: {SqliteErrors.Describe(e)}",
                e);
        }
    }

    /// <inheritdoc/>
    public async Task<string> BeginEpochAsync(
        string ended, string reason, CancellationToken cancellationToken = default)
    {
        var pending = new PendingWrite<string>();
        await _writer.EnqueueAsync(
            new SqliteEpochRequest(pending, ended, reason, _epoch, ForgetRecent), cancellationToken);
        var epoch = await pending.Answer.WaitAsync(cancellationToken);
        foreach (var signal in _signals)
        {
            // Wakes the waiting readers, so that they check the epoch.
            signal.NotifyHint(long.MaxValue);
        }

        return epoch;
    }

    /// <inheritdoc/>
    public int PartitionOf(string organizationId) => OrganizationPartition.Of(organizationId, PartitionCount);

    /// <inheritdoc/>
    public async Task<AppendedEvents> AppendAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken = default)
    {
        var append = PendingAppend.Create(organizationId, PartitionCount, events, cancellationToken);
        await _writer.EnqueueAsync(new SqliteAppendRequest(append), cancellationToken);
        return await append.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken = default) =>
        _readers.ReadShortAsync(reader => reader.OrderHead(organizationId, orderId), cancellationToken);

    /// <inheritdoc/>
    public Task<OrganizationHead> GetOrganizationHeadAsync(
        string organizationId, CancellationToken cancellationToken = default) =>
        _readers.ReadAsync(reader => reader.OrganizationHead(organizationId), cancellationToken);

    /// <inheritdoc/>
    public Task<OrderEvent?> FindAsync(
        string organizationId, string eventId, CancellationToken cancellationToken = default)
    {
        var epoch = Epoch;
        return _readers.ReadAsync(reader => reader.Find(epoch, organizationId, eventId), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId,
        string orderId,
        long afterVersion,
        int limit,
        CancellationToken cancellationToken = default)
    {
        var epoch = Epoch;
        return _readers.ReadAsync(
            reader => reader.Order(epoch, organizationId, orderId, afterVersion, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken = default)
    {
        var epoch = Epoch;
        return _readers.ReadAsync(
            reader => reader.Organization(epoch, organizationId, afterSequence, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<PartitionEntry>> ReadPartitionAsync(
        int partition, long afterPosition, int limit, CancellationToken cancellationToken = default)
    {
        if (_signals[partition].Recent.Read(afterPosition, limit) is { } recent)
        {
            return Task.FromResult(recent);
        }

        var epoch = Epoch;
        return _readers.ReadLiveAsync(reader => reader.Partition(epoch, partition, afterPosition, limit));
    }

    /// <inheritdoc/>
    public Task WaitForEventsAsync(int partition, long afterPosition, CancellationToken cancellationToken) =>
        _signals[partition].WaitAsync(afterPosition, cancellationToken);

    /// <inheritdoc/>
    public long FindCommitTimestamp(int partition, long position) => _signals[partition].FindCommitTimestamp(position);

    /// <inheritdoc/>
    public async Task<long> GetCheckpointAsync(int partition, CancellationToken cancellationToken = default)
    {
        var epoch = Epoch;
        var checkpoint = await Checkpoint.ReadAsync(
            this,
            partition,
            () => _readers.ReadAsync(reader => reader.Checkpoint(partition), cancellationToken),
            cancellationToken);
        if (epoch == Epoch)
        {
            _signals[partition].NotifyDelivered(checkpoint);
        }

        return checkpoint;
    }

    /// <inheritdoc/>
    public Task<PartitionState> GetStateAsync(int partition, CancellationToken cancellationToken = default) =>
        _readers.ReadAsync(reader => reader.State(partition), cancellationToken);

    /// <inheritdoc/>
    public string Storage => $"SQLite, schema {SqliteSchema.Newest}";

    /// <inheritdoc/>
    public async Task SaveCheckpointAsync(
        int partition, long position, string epoch, CancellationToken cancellationToken = default)
    {
        OrganizationPartition.Check(partition, PartitionCount);
        var pending = new PendingWrite<bool>();
        await _writer.EnqueueAsync(
            new SqliteCheckpointRequest(pending, partition, position, epoch), cancellationToken);
        await pending.Answer.WaitAsync(cancellationToken);
        if (epoch == Epoch)
        {
            _signals[partition].NotifyDelivered(position);
        }
    }

    /// <inheritdoc/>
    public async Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken = default)
    {
        RetentionLimits.Check(limits);
        var plan = await _readers.ReadAsync(reader => reader.PlanTrim(limits, _clock, _time), cancellationToken);
        if (plan.IsEmpty)
        {
            return new TrimResult(0, IsMore: false, UntrustedClock: plan.UntrustedClock);
        }

        var pending = new PendingWrite<TrimResult>();
        await _writer.EnqueueAsync(new SqliteTrimRequest(pending, plan, limits, _time), cancellationToken);
        return await pending.WaitAsync(cancellationToken);
    }

    /// <summary>Rejects new appends, commits the waiting ones, and releases the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _metrics.Dispose();
        _readers.Dispose();
        _epoch.Dispose();
        await _lock.DisposeAsync();
    }

    /// <summary>
    /// Makes the events of a group available to the agents, then wakes each of them once. Called on the writer's
    /// thread.
    /// </summary>
    private void Announce(IReadOnlyList<SqliteWriteRequest> committed)
    {
        var committedAt = EventStages.Now();
        // A database has at most 64 partitions.
        Span<long> newest = stackalloc long[PartitionCount];
        foreach (var request in committed)
        {
            if (request is SqliteAppendRequest { NewestPosition: > 0 } append)
            {
                append.SetCommitted();
                _signals[append.Partition].Recent.Add(append.NewEntries);
                newest[append.Partition] = append.NewestPosition;
            }
        }

        for (var partition = 0; partition < newest.Length; partition++)
        {
            if (newest[partition] > 0)
            {
                _signals[partition].NotifyCommitted(newest[partition], committedAt: committedAt);
            }
        }
    }

    // The numbers of the events are labelled with the epoch that ends. They are read again from the database.
    private void ForgetRecent(long newest)
    {
        foreach (var signal in _signals)
        {
            signal.Recent.Clear(newest);
        }
    }

    [LoggerMessage(1001, LogLevel.Warning,
        "PartitionCount is set to {Configured}, but the database was created with {Stored} partitions and keeps them")]
    private static partial void LogPartitionCount(ILogger logger, int configured, int stored);
}
