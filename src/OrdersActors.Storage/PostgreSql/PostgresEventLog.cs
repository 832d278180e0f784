using Microsoft.Extensions.Logging;
using Npgsql;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The event log in a PostgreSQL database, for a cluster: any number of silos append to it and read from it at the same
/// time.
/// </summary>
/// <remarks>
/// Each partition's appends go through a <see cref="PostgresWriter"/> of this process, and the partitions share
/// transactions (<see cref="PostgresTransactions"/>). A locked row serializes them with the appends of other processes.
/// Reads go through <see cref="PostgresReader"/>. The appends of other processes are signalled by
/// <see cref="PostgresListener"/>, those of this process at once. If this process reads the partition, its appends are
/// not announced to others, because only one process at a time reads a partition. A process that takes the partition
/// over first reads from the checkpoint. After that, the listener's poll finds events that were not announced.
/// <para><b>Live events from memory.</b> The reader of a partition gets the events that this process has committed from
/// memory, if they directly follow its position (<see cref="RecentEvents"/>). Positions of a partition are consecutive
/// and committed one after another, so nothing can be missing between them. In all other cases it queries: after an
/// append of another process, at the bound in bytes, in a new epoch, at the start, after a hint, and when it has waited
/// in vain.</para>
/// </remarks>
public sealed partial class PostgresEventLog : IEventLog, IAsyncDisposable
{
    private readonly CancellationTokenSource _closing;
    private readonly PostgresConnections _connections;
    private readonly PostgresReader _reader;
    private readonly PostgresTrimmer _trimmer;
    private readonly PartitionSignal[] _signals;
    private readonly PostgresEpoch _epoch;
    private readonly PostgresTransactions _transactions;
    private readonly PostgresWriter[] _writers;
    private readonly PostgresListener _listener;
    private readonly PostgresHorizon _horizon;
    private readonly PartitionMetrics _metrics;

    private PostgresEventLog(
        PostgresConnections connections,
        NpgsqlConnection? listening,
        int partitionCount,
        string epoch,
        PostgresStorageOptions options,
        TimeProvider time,
        ILogger logger)
    {
        PartitionCount = partitionCount;
        if (partitionCount != options.PartitionCount)
        {
            LogPartitionCount(logger, options.PartitionCount, partitionCount);
        }

        _closing = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _connections = connections;
        // The listener's first poll reads the positions of the partitions.
        _signals = [.. Enumerable.Range(0, partitionCount).Select(_ => new PartitionSignal(0, time))];
        _epoch = new PostgresEpoch(epoch, _signals, logger);
        _reader = new PostgresReader(connections, _epoch);
        _trimmer = new PostgresTrimmer(connections);
        _transactions = new PostgresTransactions(
            new PostgresAppender(connections, _epoch, logger), options, new PostgresOutage(logger), time,
            _closing.Token);
        _writers = [.. Enumerable.Range(0, partitionCount).Select(partition =>
            new PostgresWriter(partition, _transactions, options, _signals[partition], _epoch, time))];
        _listener = new PostgresListener(connections, listening, _signals, _epoch, options, time, logger);
        _horizon = new PostgresHorizon(connections, options.LongTransactionAge, time, logger);
        _metrics = new PartitionMetrics(_signals);
        _metrics.Meter.CreateObservableGauge(
            "orders_actors.postgres_listening", () => _listener.IsListening ? 1 : 0, unit: null,
            "Whether the LISTEN connection to PostgreSQL works (1) or is lost (0).");
        MetricZeros.Register(GroupMetrics.CountZeros);
    }

    /// <inheritdoc/>
    public string Epoch => _epoch.Current;

    /// <inheritdoc/>
    public int PartitionCount { get; }

    /// <summary>Opens the log, and migrates its schema if necessary. A log message reports a migration.</summary>
    /// <exception cref="StorageException">
    /// The database cannot be used, or its schema is of a later version.
    /// </exception>
    public static Task<PostgresEventLog> OpenAsync(
        PostgresStorageOptions options, TimeProvider time, ILogger<PostgresEventLog> logger,
        CancellationToken cancellationToken = default) =>
        OpenAsync(options, time, logger, change => LogMigrating(logger, change), cancellationToken);

    /// <summary>Opens the log for a command, and migrates its schema if necessary.</summary>
    /// <param name="options">The database.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The logger.</param>
    /// <param name="onMigrate">Called with one line before an existing schema is changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StorageException">
    /// The database cannot be used, or its schema is of a later version.
    /// </exception>
    public static async Task<PostgresEventLog> OpenAsync(
        PostgresStorageOptions options,
        TimeProvider time,
        ILogger<PostgresEventLog> logger,
        Action<string> onMigrate,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connections = PostgresConnections.ForLog(options, time);
        NpgsqlConnection? listening = null;
        try
        {
            await PostgresStartCheck.RunAsync(connections, cancellationToken);
            listening = await PostgresClusterLock.OpenAsync(connections, options.ClusterId, cancellationToken);
            var (partitionCount, epoch) = await PostgresSchema.MigrateAsync(
                connections, options, onMigrate, cancellationToken);
            return new PostgresEventLog(connections, listening, partitionCount, epoch, options, time, logger);
        }
        catch
        {
            if (listening is not null)
            {
                await listening.DisposeAsync();
            }

            await connections.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<string> BeginEpochAsync(
        string ended, string reason, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _connections.UseAsync(
                connection => _epoch.BeginAsync(connection, ended, reason, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw PostgresErrors.ToUnavailable(e);
        }
    }

    /// <inheritdoc/>
    public int PartitionOf(string organizationId) => OrganizationPartition.Of(organizationId, PartitionCount);

    /// <inheritdoc/>
    public async Task<AppendedEvents> AppendAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken = default)
    {
        var append = PendingAppend.Create(organizationId, PartitionCount, events, cancellationToken);
        return await _writers[append.Partition].AppendAsync(append, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken = default) =>
        _reader.OrderHeadAsync(organizationId, orderId, cancellationToken);

    /// <inheritdoc/>
    public Task<OrganizationHead> GetOrganizationHeadAsync(
        string organizationId, CancellationToken cancellationToken = default) =>
        _reader.OrganizationHeadAsync(organizationId, cancellationToken);

    /// <inheritdoc/>
    public Task<OrderEvent?> FindAsync(
        string organizationId, string eventId, CancellationToken cancellationToken = default) =>
        _reader.FindAsync(organizationId, eventId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId,
        string orderId,
        long afterVersion,
        int limit,
        CancellationToken cancellationToken = default) =>
        _reader.OrderAsync(organizationId, orderId, afterVersion, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken = default) =>
        _reader.OrganizationAsync(organizationId, afterSequence, limit, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PartitionEntry>> ReadPartitionAsync(
        int partition, long afterPosition, int limit, CancellationToken cancellationToken = default)
    {
        var (signal, epoch) = (_signals[partition], _epoch.Current);
        signal.MarkRead();
        if (signal.Recent.Read(afterPosition, limit, epoch) is { } recent
            && (recent.Count > 0 || signal.IsEnd(afterPosition)))
        {
            return recent;
        }

        signal.MarkQuery();
        var entries = await _reader.PartitionAsync(partition, afterPosition, limit, cancellationToken);
        if (signal.Tail.Remember(entries) is { } position)
        {
            _epoch.ReportRewritten(epoch, $"position {position} of partition {partition} held another event before");
        }

        return entries;
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
            () => _reader.CheckpointAsync(partition, cancellationToken),
            cancellationToken);
        if (epoch == Epoch)
        {
            _signals[partition].NotifyDelivered(checkpoint);
        }

        return checkpoint;
    }

    /// <inheritdoc/>
    public async Task<PartitionState> GetStateAsync(int partition, CancellationToken cancellationToken = default)
    {
        var (checkpoint, newest) = await _reader.CheckpointAsync(partition, cancellationToken);
        return new PartitionState(partition, newest, checkpoint);
    }

    /// <inheritdoc/>
    public string Storage => $"PostgreSQL, schema {PostgresSchema.NewestVersion} with {PostgresSchema.NewestStep}";

    /// <inheritdoc/>
    public bool? IsListening => _listener.IsListening;

    /// <inheritdoc/>
    public async Task SaveCheckpointAsync(
        int partition, long position, string epoch, CancellationToken cancellationToken = default)
    {
        OrganizationPartition.Check(partition, PartitionCount);
        await _reader.SaveCheckpointAsync(partition, position, epoch, cancellationToken);
        if (epoch == Epoch)
        {
            _signals[partition].NotifyDelivered(position);
        }
    }

    /// <inheritdoc/>
    public Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken = default)
    {
        RetentionLimits.Check(limits);
        return _trimmer.TrimAsync(limits, cancellationToken);
    }

    /// <summary>
    /// Rejects new appends, commits the waiting ones within five seconds, and closes the connections.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _closing.CancelAfter(Deadlines.StopLog);
        await _transactions.CloseAsync(_writers);
        _metrics.Dispose();
        await _listener.DisposeAsync();
        await _horizon.DisposeAsync();
        await _connections.DisposeAsync();
        _closing.Dispose();
    }

    [LoggerMessage(1058, LogLevel.Warning, "Migration: {Change}")]
    private static partial void LogMigrating(ILogger logger, string change);

    [LoggerMessage(1050, LogLevel.Warning,
        "PartitionCount is set to {Configured}, but the schema was created with {Stored} partitions and keeps them")]
    private static partial void LogPartitionCount(ILogger logger, int configured, int stored);
}
