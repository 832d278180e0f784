using Microsoft.Extensions.Logging;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The event log in a PostgreSQL database, for a cluster: any number of silos append to it and read from it at the same time.
/// </summary>
/// <remarks>
/// Each partition's appends go through a <see cref="PostgresWriter"/> of this process and then, one after another with those of
/// other processes, through a locked row. Reads go through <see cref="PostgresReader"/>; news of any process come
/// through <see cref="PostgresListener"/>, those of this one at once. An append is not announced to others where this process reads the
/// partition: it is read by one at a time, and who has just taken it over looks for what came before it was told.
/// </remarks>
public sealed partial class PostgresEventLog : IEventLog, IAsyncDisposable
{
    // The server has ten seconds to stop; a commit takes milliseconds, unless PostgreSQL does not answer.
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closing;
    private readonly PostgresConnections _connections;
    private readonly PostgresReader _reader;
    private readonly PostgresTrimmer _trimmer;
    private readonly PartitionSignal[] _signals;
    private readonly PostgresWriter[] _writers;
    private readonly PostgresListener _listener;

    private PostgresEventLog(
        PostgresConnections connections, int partitionCount, PostgresStorageOptions options, TimeProvider time, ILogger logger)
    {
        PartitionCount = partitionCount;
        if (partitionCount != options.PartitionCount)
        {
            LogPartitionCount(logger, options.PartitionCount, partitionCount);
        }

        _closing = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _connections = connections;
        _reader = new PostgresReader(connections);
        _trimmer = new PostgresTrimmer(connections, time);
        // The listener's first look tells what there is already.
        _signals = [.. Enumerable.Range(0, partitionCount).Select(_ => new PartitionSignal(0, time))];
        var outage = new PostgresOutage(logger);
        _writers = [.. Enumerable.Range(0, partitionCount).Select(partition =>
            new PostgresWriter(partition, connections, options, _signals[partition], outage, time, _closing.Token))];
        _listener = new PostgresListener(connections, _signals, options.PollInterval, time, logger);
    }

    /// <inheritdoc/>
    public string Epoch => "0";

    /// <inheritdoc/>
    public int PartitionCount { get; }

    /// <summary>Opens the log, and makes its schema or brings it up to date where that is to be done.</summary>
    /// <exception cref="StorageException">The database cannot be used, or its schema is from the future.</exception>
    public static async Task<PostgresEventLog> OpenAsync(
        PostgresStorageOptions options, TimeProvider time, ILogger<PostgresEventLog> logger,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connections = PostgresConnections.ForLog(options, time);
        try
        {
            var partitionCount = await PostgresSchema.MigrateAsync(connections, options, cancellationToken);
            return new PostgresEventLog(connections, partitionCount, options, time, logger);
        }
        catch
        {
            await connections.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<string> BeginEpochAsync(string ended, string reason, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public int PartitionOf(string organizationId) => OrganizationPartition.Of(organizationId, PartitionCount);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OrderEvent>> AppendAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        events = OrderEventRules.NormalizeBatch(organizationId, events);
        cancellationToken.ThrowIfCancellationRequested();
        var append = new PostgresAppend(organizationId, events);
        return await _writers[PartitionOf(organizationId)].AppendAsync(append, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken = default) =>
        _reader.OrderHeadAsync(organizationId, orderId, cancellationToken);

    /// <inheritdoc/>
    public Task<OrganizationHead> GetOrganizationHeadAsync(string organizationId, CancellationToken cancellationToken = default) =>
        _reader.OrganizationHeadAsync(organizationId, cancellationToken);

    /// <inheritdoc/>
    public Task<OrderEvent?> FindAsync(string organizationId, string eventId, CancellationToken cancellationToken = default) =>
        _reader.FindAsync(organizationId, eventId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId, string orderId, long afterVersion, int limit, CancellationToken cancellationToken = default) =>
        _reader.OrderAsync(organizationId, orderId, afterVersion, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken = default) =>
        _reader.OrganizationAsync(organizationId, afterSequence, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PartitionEntry>> ReadPartitionAsync(
        int partition, long afterPosition, int limit, CancellationToken cancellationToken = default)
    {
        _signals[partition].MarkRead();
        return _reader.PartitionAsync(partition, afterPosition, limit, cancellationToken);
    }

    /// <inheritdoc/>
    public Task WaitForNewsAsync(int partition, long afterPosition, CancellationToken cancellationToken) =>
        _signals[partition].WaitAsync(afterPosition, cancellationToken);

    /// <inheritdoc/>
    public Task<long> GetCheckpointAsync(int partition, CancellationToken cancellationToken = default) =>
        _reader.CheckpointAsync(partition, cancellationToken);

    /// <inheritdoc/>
    public Task SaveCheckpointAsync(
        int partition, long position, string epoch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)partition, (uint)PartitionCount, nameof(partition));
        return _reader.SaveCheckpointAsync(partition, position, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limits.MaxAge, TimeSpan.Zero, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.MaxPerOrganization, 1, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.MaxPerOrder, 1, nameof(limits));
        return _trimmer.TrimAsync(limits, cancellationToken);
    }

    /// <summary>Refuses new appends, commits those that wait, within five seconds, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _closing.CancelAfter(ClosingTime);
        await Task.WhenAll(_writers.Select(writer => writer.DisposeAsync().AsTask()));
        await _listener.DisposeAsync();
        await _connections.DisposeAsync();
        _closing.Dispose();
    }

    [LoggerMessage(1050, LogLevel.Warning,
        "PartitionCount is set to {Configured}, but the schema was made with {Stored} partitions and keeps them")]
    private static partial void LogPartitionCount(ILogger logger, int configured, int stored);
}
