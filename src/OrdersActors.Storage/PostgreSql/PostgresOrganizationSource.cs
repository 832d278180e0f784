using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Transfer;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// An organization in PostgreSQL. A read-only transaction holds the snapshot, so PostgreSQL keeps old rows until it
/// ends.
/// </summary>
public sealed class PostgresOrganizationSource : IOrganizationSource
{
    private const string Orders = "SELECT o.name, o.version FROM orders o WHERE o.organization = $1";

    private const string Events = $"""
        SELECT {EventRow.Columns}
        FROM events e JOIN orders o ON o.id = e.order_ref JOIN organizations g ON g.id = e.organization
        WHERE e.organization = $1 ORDER BY e.sequence
        """;

    private readonly PostgresConnections _connections;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _snapshot;
    private long _organization;

    private PostgresOrganizationSource(
        PostgresConnections connections, NpgsqlConnection connection, NpgsqlTransaction snapshot) =>
        (_connections, _connection, _snapshot) = (connections, connection, snapshot);

    /// <inheritdoc/>
    public string Epoch { get; private set; } = "";

    /// <inheritdoc/>
    public OrganizationHead Head { get; private set; } = new(0, 1);

    /// <inheritdoc/>
    public long OrderCount { get; private set; }

    /// <inheritdoc/>
    public long EventCount { get; private set; }

    /// <summary>Begins a snapshot. Servers may be running.</summary>
    /// <exception cref="StorageException">The database cannot be used, or has no log.</exception>
    public static async Task<PostgresOrganizationSource> OpenAsync(
        PostgresStorageOptions options, string organizationId, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connections = PostgresConnections.ForKeys(options, time);
        NpgsqlConnection? connection = null;
        try
        {
            await PostgresStartCheck.RunAsync(connections, cancellationToken);
            connection = await connections.OpenAsync(cancellationToken);
            if (await PostgresSchema.VersionAsync(connection, cancellationToken) is null)
            {
                throw new StorageException("the database in ConnectionStrings:OrdersActors has no event log");
            }

            var snapshot = await connection.BeginTransactionAsync(
                IsolationLevel.RepeatableRead, cancellationToken);
            var source = new PostgresOrganizationSource(connections, connection, snapshot);
            await source.ReadHeadAsync(organizationId, cancellationToken);
            return source;
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            await connections.DisposeAsync();
            throw PostgresErrors.IsDatabase(e)
                ? new StorageException(
                    $"the database in ConnectionStrings:OrdersActors cannot be used: {PostgresErrors.Describe(e)}", e)
                : e;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<KnownOrder> ReadOrdersAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command(Orders);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            yield return new KnownOrder(rows.GetString(0), rows.GetInt64(1));
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<OrderEvent> ReadEventsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command(Events);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            yield return PostgresEventRow.Read(rows, Epoch);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _snapshot.DisposeAsync();
        await _connection.DisposeAsync();
        await _connections.DisposeAsync();
    }

    private async Task ReadHeadAsync(string organizationId, CancellationToken cancellationToken)
    {
        const string Numbers = """
            SELECT l.epoch, g.id, g.sequence, g.earliest,
                (SELECT count(*) FROM orders o WHERE o.organization = g.id),
                (SELECT count(*) FROM events e WHERE e.organization = g.id)
            FROM log_epoch l LEFT JOIN organizations g ON g.name = $1
            """;
        await using var command = new NpgsqlCommand(Numbers, _connection) { Parameters = { Of(organizationId) } };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        Epoch = rows.GetString(0);
        if (!rows.IsDBNull(1))
        {
            _organization = rows.GetInt64(1);
            Head = new OrganizationHead(rows.GetInt64(2), rows.GetInt64(3));
            (OrderCount, EventCount) = (rows.GetInt64(4), rows.GetInt64(5));
        }
    }

    private NpgsqlCommand Command(string sql)
    {
        // Every caller passes a constant.
#pragma warning disable CA2100
        return new NpgsqlCommand(sql, _connection) { Parameters = { Of(_organization) } };
#pragma warning restore CA2100
    }
}
