using System.Diagnostics.CodeAnalysis;
using Npgsql;
using NpgsqlTypes;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Transfer;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Imports into PostgreSQL. Servers may be running; their appends to the partition wait for a batch.</summary>
public sealed class PostgresOrganizationTarget : IOrganizationTarget
{
    private const int OrdersPerStatement = 5000;

    private const string Reserve = """
        INSERT INTO organizations (name, partition, sequence, earliest) VALUES ($1, $2, $3, $3 + 1)
        """;

    private const string AddOrders = """
        INSERT INTO orders (name, organization, version)
        SELECT given.name, g.id, given.version FROM organizations g, unnest($2, $3) given (name, version)
        WHERE g.name = $1
        """;

    private const string Lock = "SELECT p.position FROM partitions p WHERE p.partition = $1 FOR UPDATE";

    private const string AddEvents = """
        INSERT INTO events (
            partition, position, organization, sequence, order_ref, version, occurred_at, event_id, status, details)
        SELECT $1, $2 + n, g.id, given.sequence, o.id, given.version, at, given.id, status, details
        FROM unnest($4, $5, $6, $7, $8, $9, $10)
            WITH ORDINALITY given (sequence, order_name, version, at, id, status, details, n)
            JOIN organizations g ON g.name = $3 JOIN orders o ON o.name = given.order_name AND o.organization = g.id
        """;

    private const string Move = "UPDATE partitions p SET position = $2 WHERE p.partition = $1";

    // If everything before the events has been delivered. Only subscribers of this organization could miss them, and
    // those find them by the organization's newest number.
    private const string Deliver =
        "UPDATE checkpoints c SET position = $2 WHERE c.partition = $1 AND c.position = $3";

    private const string Open = "UPDATE organizations g SET earliest = $2 WHERE g.name = $1 AND g.earliest = $3";

    private const string Page = $"""
        SELECT {EventRow.Columns}
        FROM organizations g CROSS JOIN LATERAL (
            SELECT * FROM events e WHERE e.organization = g.id AND e.sequence > $2 ORDER BY e.sequence LIMIT $3) e
            JOIN orders o ON o.id = e.order_ref
        WHERE g.name = $1 ORDER BY e.sequence
        """;

    private readonly PostgresConnections _connections;
    private readonly NpgsqlConnection _connection;
    private readonly string _organization;
    private readonly string _epoch;
    private readonly int _partition;

    private PostgresOrganizationTarget(
        PostgresConnections connections, NpgsqlConnection connection, string organization, string epoch,
        int partition) =>
        (_connections, _connection, _organization, _epoch, _partition) =
            (connections, connection, organization, epoch, partition);

    /// <inheritdoc/>
    public string Location => $"PostgreSQL database {_connection.Database} at {_connection.Host}";

    /// <summary>Opens the log, and creates or migrates its schema if necessary.</summary>
    /// <param name="options">The database.</param>
    /// <param name="organizationId">The organization to import.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onMigrate">Called with one line before an existing schema is changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StorageException">The database cannot be used.</exception>
    public static async Task<PostgresOrganizationTarget> OpenAsync(
        PostgresStorageOptions options, string organizationId, TimeProvider time, Action<string> onMigrate,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connections = PostgresConnections.ForKeys(options, time);
        try
        {
            await PostgresStartCheck.RunAsync(connections, cancellationToken);
            var (partitionCount, epoch) = await PostgresSchema.MigrateAsync(
                connections, options, onMigrate, cancellationToken);
            return new PostgresOrganizationTarget(
                connections, await connections.OpenAsync(cancellationToken), organizationId, epoch,
                OrganizationPartition.Of(organizationId, partitionCount));
        }
        catch
        {
            await connections.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<OrganizationHead?> FindAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(
            "SELECT sequence, earliest FROM organizations WHERE name = $1", Of(_organization));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? new OrganizationHead(rows.GetInt64(0), rows.GetInt64(1))
            : null;
    }

    /// <inheritdoc/>
    public async Task<long?> FindOrderAsync(string orderId, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT o.version FROM organizations g JOIN orders o ON o.name = $2 AND o.organization = g.id
            WHERE g.name = $1
            """,
            Of(_organization), Of(orderId));
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OrderEvent>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(Page, Of(_organization), Of(after), Of((long)limit));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<OrderEvent>();
        while (await rows.ReadAsync(cancellationToken))
        {
            page.Add(PostgresEventRow.Read(rows, _epoch));
        }

        return page;
    }

    /// <inheritdoc/>
    public async Task BeginAsync(
        long sequence, IAsyncEnumerable<KnownOrder> orders, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(orders);
        await using var transaction = await _connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(Reserve, [Of(_organization), Of(_partition), Of(sequence)], cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new StorageException(
                $"a service has published for the organization {_organization} since the import began: it has events "
                + "already", e);
        }

        var chunk = new List<KnownOrder>(OrdersPerStatement);
        await foreach (var order in orders.WithCancellation(cancellationToken))
        {
            chunk.Add(order);
            if (chunk.Count == OrdersPerStatement)
            {
                await AddAsync(chunk, cancellationToken);
            }
        }

        await AddAsync(chunk, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task AddAsync(IReadOnlyList<OrderEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        await using var transaction = await _connection.BeginTransactionAsync(cancellationToken);
        await using var find = Command(Lock, Of(_partition));
        var before = (long)(await find.ExecuteScalarAsync(cancellationToken))!;
        var added = await ExecuteAsync(
            AddEvents,
            [
                Of(_partition), Of(before), Of(_organization),
                Of(events.Select(e => e.Sequence).ToList()), Of(events.Select(e => e.OrderId).ToList()),
                Of(events.Select(e => e.Version).ToList()),
                new NpgsqlParameter<List<DateTime>>
                {
                    TypedValue = [.. events.Select(e => PostgresEventRow.ToStored(e.OccurredAt))],
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
                },
                Of(events.Select(e => e.Id).ToList()), Of(events.Select(e => e.Status).ToList()),
                Of(events.Select(e => e.Details).ToList()),
            ],
            cancellationToken);
        if (added != events.Count)
        {
            throw new StorageException(
                $"{events.Count - added} of {events.Count} events belong to orders that the import does not name");
        }

        await ExecuteAsync(Move, [Of(_partition), Of(before + added)], cancellationToken);
        await ExecuteAsync(Deliver, [Of(_partition), Of(before + added), Of(before)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task FinishAsync(OrganizationHead head, CancellationToken cancellationToken) =>
        ExecuteAsync(Open, [Of(_organization), Of(head.Earliest), Of(head.Sequence + 1)], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _connections.DisposeAsync();
    }

    private async Task AddAsync(List<KnownOrder> orders, CancellationToken cancellationToken)
    {
        if (orders.Count > 0)
        {
            await ExecuteAsync(
                AddOrders,
                [
                    Of(_organization), Of(orders.Select(order => order.OrderId).ToList()),
                    Of(orders.Select(order => order.Version).ToList()),
                ],
                cancellationToken);
            orders.Clear();
        }
    }

    private async Task<int> ExecuteAsync(
        string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [SuppressMessage("Security", "CA2100", Justification = "Only constants are executed here.")]
    private NpgsqlCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, _connection);
        command.Parameters.AddRange(parameters);
        return command;
    }
}
