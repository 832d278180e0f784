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
        var begin = new EpochWrite(ended, reason, _epoch);
        await _writer.EnqueueAsync(begin, cancellationToken);
        var epoch = await begin.Answer.WaitAsync(cancellationToken);
        foreach (var signal in _signals)
        {
            // Wakes the waiting readers, so that they check the epoch.
            signal.Hinted(long.MaxValue);
        }

        return epoch;
    }

    /// <inheritdoc/>
    public int PartitionOf(string organizationId) => OrganizationPartition.Of(organizationId, PartitionCount);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OrderEvent>> AppendAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        events = OrderEventRules.NormalizeBatch(organizationId, events);
        cancellationToken.ThrowIfCancellationRequested();
        var append = new AppendWrite(organizationId, PartitionOf(organizationId), events, cancellationToken);
        await _writer.EnqueueAsync(append, cancellationToken);
        return await append.Answer.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken = default) =>
        _readers.ReadAsync(reader => reader.OrderHead(organizationId, orderId), cancellationToken);

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
        var epoch = Epoch;
        return _readers.ReadLiveAsync(reader => reader.Partition(epoch, partition, afterPosition, limit));
    }

    /// <inheritdoc/>
    public Task WaitForNewsAsync(int partition, long afterPosition, CancellationToken cancellationToken) =>
        _signals[partition].WaitAsync(afterPosition, cancellationToken);

    /// <inheritdoc/>
    public async Task<long> GetCheckpointAsync(int partition, CancellationToken cancellationToken = default)
    {
        var epoch = Epoch;
        var (position, newest) = await _readers.ReadAsync(reader => reader.Checkpoint(partition), cancellationToken);
        if (position > newest)
        {
            await BeginEpochAsync(
                epoch,
                $"the checkpoint of partition {partition} is {position}, but the log ends at {newest}",
                cancellationToken);
            (position, newest) = await _readers.ReadAsync(reader => reader.Checkpoint(partition), cancellationToken);
        }

        return Math.Min(position, newest);
    }

    /// <inheritdoc/>
    public async Task SaveCheckpointAsync(
        int partition, long position, string epoch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)partition, (uint)PartitionCount, nameof(partition));
        var checkpoint = new CheckpointWrite(partition, position, epoch);
        await _writer.EnqueueAsync(checkpoint, cancellationToken);
        await checkpoint.Answer.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limits.MaxAge, TimeSpan.Zero, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.MaxPerOrganization, 1, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.MaxPerOrder, 1, nameof(limits));
        var plan = await _readers.ReadAsync(reader => reader.PlanTrim(limits, _clock, _time), cancellationToken);
        if (plan.IsEmpty)
        {
            return new TrimResult(0, IsMore: false, ClockDoubt: plan.ClockDoubt);
        }

        var trim = new TrimWrite(plan, limits, _time, cancellationToken);
        await _writer.EnqueueAsync(trim, cancellationToken);
        return await trim.Answer.WaitAsync(cancellationToken);
    }

    /// <summary>Rejects new appends, commits the waiting ones, and releases the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _readers.Dispose();
        _epoch.Dispose();
        await _lock.DisposeAsync();
    }

    private void Announce(AppendWrite append)
    {
        if (append.NewestPosition > 0)
        {
            _signals[append.Partition].Committed(append.NewestPosition);
        }
    }

    [LoggerMessage(1001, LogLevel.Warning,
        "PartitionCount is set to {Configured}, but the database was created with {Stored} partitions and keeps them")]
    private static partial void LogPartitionCount(ILogger logger, int configured, int stored);
}
