using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Folders;
using OrdersActors.Storage.Transfer;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Imports into a data directory. No server may run meanwhile, because a server counts the numbers in memory. A missing
/// database is created, as a server would do.
/// </summary>
public sealed class SqliteOrganizationTarget : IOrganizationTarget
{
    private const string Newest = $"SELECT {SqliteEpochStatements.NewestPosition}";

    private readonly FileStream _lock;
    private readonly SqliteEpoch _epoch;
    private readonly SqliteConnection _connection;
    private readonly string _organization;
    private readonly int _partition;

    private SqliteOrganizationTarget(
        FileStream held, SqliteEpoch epoch, SqliteConnection connection, string organization, int partition) =>
        (_lock, _epoch, _connection, _organization, _partition) = (held, epoch, connection, organization, partition);

    /// <inheritdoc/>
    public string Location => $"database {_connection.DataSource}";

    /// <summary>Locks the data directory and opens its database.</summary>
    /// <exception cref="StorageException">A server is running, or the database cannot be used.</exception>
    public static SqliteOrganizationTarget Open(SqliteStorageOptions options, string organizationId, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folder = Path.GetFullPath(options.DataDirectory);
        DataFolder.Open(folder);
        var held = SqliteFolderLock.Take(folder);
        try
        {
            var database = new SqliteDatabase(options, logger);
            return new SqliteOrganizationTarget(
                held, SqliteEpoch.Open(database, logger), database.Open(), organizationId,
                OrganizationPartition.Of(organizationId, database.PartitionCount));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<OrganizationHead?> FindAsync(CancellationToken cancellationToken)
    {
        using var find = new SqliteStatement(
            _connection, $"SELECT {SqliteHeads.Sequence}, earliest FROM organizations g WHERE name = $0", 1);
        find[0] = _organization;
        using var rows = find.Read();
        return Task.FromResult<OrganizationHead?>(
            rows.Read() ? new OrganizationHead(rows.GetInt64(0), rows.GetInt64(1)) : null);
    }

    /// <inheritdoc/>
    public Task<long?> FindOrderAsync(string orderId, CancellationToken cancellationToken)
    {
        using var find = new SqliteStatement(_connection, $"""
            SELECT {SqliteHeads.Version}
            FROM organizations g CROSS JOIN orders o ON o.organization = g.id WHERE g.name = $0 AND o.name = $1
            """, 2);
        (find[0], find[1]) = (_organization, orderId);
        return Task.FromResult(find.Scalar() as long?);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<OrderEvent>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        using var events = new SqliteStatement(_connection, $"""
            SELECT {EventRow.Columns}
            FROM organizations g CROSS JOIN events e ON e.organization = g.id CROSS JOIN orders o ON o.id = e.order_ref
            WHERE g.name = $0 AND e.sequence > $1 ORDER BY e.sequence LIMIT $2
            """, 3);
        (events[0], events[1], events[2]) = (_organization, after, limit);
        using var rows = events.Read();
        var page = new List<OrderEvent>();
        while (rows.Read())
        {
            page.Add(SqliteEventRow.Read(rows, _epoch.Current));
        }

        return Task.FromResult<IReadOnlyList<OrderEvent>>(page);
    }

    /// <inheritdoc/>
    public async Task BeginAsync(
        long sequence, IAsyncEnumerable<KnownOrder> orders, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(orders);
        await using var transaction = _connection.BeginTransaction(deferred: false);
        using var organization = new SqliteStatement(
            _connection,
            "INSERT INTO organizations (name, sequence, earliest) VALUES ($0, $1, $1 + 1) RETURNING id", 2);
        (organization[0], organization[1]) = (_organization, sequence);
        var id = organization.Scalar();
        var next = (long)SqliteStatement.Scalar(_connection, "SELECT coalesce(max(id), 0) FROM orders")!;
        using var add = new SqliteStatement(
            _connection, "INSERT INTO orders (organization, name, id, version) VALUES ($0, $1, $2, $3)", 4);
        await foreach (var order in orders.WithCancellation(cancellationToken))
        {
            (add[0], add[1], add[2], add[3]) = (id, order.OrderId, ++next, order.Version);
            add.Execute();
        }

        await transaction.CommitAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task AddAsync(IReadOnlyList<OrderEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        await using var transaction = _connection.BeginTransaction(deferred: false);
        var before = (long)SqliteStatement.Scalar(_connection, Newest)!;
        using var add = new SqliteStatement(_connection, """
            INSERT INTO events (
                position, partition, organization, sequence, order_ref, version, event_id, status, occurred_at, details)
            SELECT $0, $1, g.id, $3, o.id, $5, $6, $7, $8, $9
            FROM organizations g CROSS JOIN orders o ON o.organization = g.id WHERE g.name = $2 AND o.name = $4
            """, 10);
        using var span = new SqliteStatement(_connection, """
            INSERT INTO partition_spans VALUES ($0, $1)
            ON CONFLICT (span) DO UPDATE SET partitions = partitions | excluded.partitions
            """, 2);
        var position = before;
        foreach (var e in events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (add[0], add[1], add[2], add[3], add[4]) =
                (++position, _partition, _organization, e.Sequence, e.OrderId);
            (add[5], add[6], add[7], add[8], add[9]) =
                (e.Version, e.Id, e.Status, SqliteEventRow.ToMicroseconds(e.OccurredAt), e.Details);
            add.Execute();
            if (position == before + 1 || position % SqliteSchema.SpanLength == 0)
            {
                (span[0], span[1]) = (position / SqliteSchema.SpanLength, 1L << _partition);
                span.Execute();
            }
        }

        Deliver(before, position);
        await transaction.CommitAsync(CancellationToken.None);
        _epoch.Advance(position);
    }

    /// <inheritdoc/>
    public Task FinishAsync(OrganizationHead head, CancellationToken cancellationToken)
    {
        using var open = new SqliteStatement(
            _connection, "UPDATE organizations SET earliest = $1 WHERE name = $0 AND earliest = $2", 3);
        (open[0], open[1], open[2]) = (_organization, head.Earliest, head.Sequence + 1);
        open.Execute();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _epoch.Dispose();
        await _lock.DisposeAsync();
    }

    /// <summary>
    /// Moves the checkpoint over the events if everything before them has been delivered. Nobody subscribes while no
    /// server runs, so there is nobody to deliver them to.
    /// </summary>
    private void Deliver(long before, long position)
    {
        using var older = new SqliteStatement(_connection, $"""
            SELECT e.position FROM {SqlitePartition.From("$0", "coalesce($1, 0) + 1")} AND e.position <= $2 LIMIT 1
            """, 3);
        using var checkpoint = new SqliteStatement(
            _connection, "SELECT position FROM checkpoints WHERE partition = $0", 1);
        checkpoint[0] = _partition;
        (older[0], older[1], older[2]) = (_partition, checkpoint.Scalar() ?? 0L, before);
        if (older.Scalar() is not null)
        {
            return;
        }

        using var move = new SqliteStatement(_connection, """
            INSERT INTO checkpoints VALUES ($0, $1)
            ON CONFLICT (partition) DO UPDATE SET position = max(position, excluded.position)
            """, 2);
        (move[0], move[1]) = (_partition, position);
        move.Execute();
    }
}
