using System.Data.Common;
using Npgsql;
using OrdersActors.Storage.EventLog;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>The queries of readers. Each is one statement, so it sees one snapshot of the log.</summary>
/// <remarks>
/// Live events do not wait behind replays: the agents' reads have their own connections. Each partition has one agent,
/// which makes one request at a time. If a caller gives up a read, the read still runs to its end, which comes soon.
/// </remarks>
internal sealed class PostgresReader(PostgresConnections connections, PostgresEpoch epoch)
{
    // The page is cut before large details are fetched from their separate storage, and before they are sent.
    private const string Page = $"""
        SELECT {EventRow.Columns}
        FROM (
            SELECT page.*, sum(octet_length(page.details)) OVER (ORDER BY page.place ROWS UNBOUNDED PRECEDING)
                - coalesce(octet_length(page.details), 0) AS before
            FROM page) e JOIN orders o ON o.id = e.order_ref JOIN organizations g ON g.id = e.organization
        WHERE coalesce(e.before, 0) < $4 ORDER BY e.place
        """;

    private const string ByOrder = $"""
        WITH page AS (
            SELECT e.*, e.version AS place FROM events e
            WHERE e.order_ref = (
                SELECT o.id FROM organizations g JOIN orders o ON o.name = $1 AND o.organization = g.id
                WHERE g.name = $5)
            AND e.version > $2 ORDER BY e.version LIMIT $3)
        {Page}
        """;

    // LATERAL: PostgreSQL reads a feed in index order only if the organization is fixed. A join would sort the whole
    // feed.
    private const string ByOrganization = $"""
        WITH page AS (
            SELECT feed.* FROM organizations g CROSS JOIN LATERAL (
                SELECT e.*, e.sequence AS place FROM events e
                WHERE e.organization = g.id AND e.sequence > greatest($2, g.earliest - 1)
                ORDER BY e.sequence LIMIT $3) feed
            WHERE g.name = $1)
        {Page}
        """;

    private const string ByPartition = $"""
        WITH page AS (
            SELECT e.*, e.position AS place FROM events e
            WHERE e.partition = $1 AND e.position > $2 ORDER BY e.position LIMIT $3)
        {Page}
        """;

    private const string ById = $"""
        SELECT {EventRow.Columns}
        FROM organizations g JOIN events e ON {PostgresEventRow.Key} = $2 || ' ' || g.id::text
            JOIN orders o ON o.id = e.order_ref
        WHERE g.name = $1
        """;

    private const string OrderHead = """
        SELECT o.version, coalesce((SELECT min(e.version) FROM events e WHERE e.order_ref = o.id), o.version + 1)
        FROM organizations g JOIN orders o ON o.name = $2 AND o.organization = g.id WHERE g.name = $1
        """;

    private const string Checkpoint = """
        SELECT c.position, p.position FROM checkpoints c JOIN partitions p ON p.partition = c.partition
        WHERE c.partition = $1
        """;

    // A position of another epoch, or one ahead of the log, belongs to a history that was rewritten. It must not be
    // stored.
    private const string SaveCheckpoint = """
        UPDATE checkpoints c SET position = $2
        WHERE c.partition = $1 AND c.position < $2 AND EXISTS (SELECT FROM log_epoch l WHERE l.epoch = $3)
            AND $2 <= (SELECT p.position FROM partitions p WHERE p.partition = $1)
        """;

    public async Task<IReadOnlyList<OrderEvent>> OrderAsync(
        string organizationId, string orderId, long after, int limit, CancellationToken cancellationToken) =>
        (await PageAsync(
            connections.Replays, ByOrder, [.. PageOf(orderId, after, limit), Of(organizationId)], cancellationToken))
            .ConvertAll(entry => entry.Event);

    public async Task<IReadOnlyList<OrderEvent>> OrganizationAsync(
        string organizationId, long after, int limit, CancellationToken cancellationToken) =>
        (await PageAsync(connections.Replays, ByOrganization, PageOf(organizationId, after, limit), cancellationToken))
            .ConvertAll(entry => entry.Event);

    public Task<List<PartitionEntry>> PartitionAsync(
        int partition, long after, int limit, CancellationToken cancellationToken) =>
        PageAsync(connections.Live, ByPartition, PageOf(partition, after, limit), cancellationToken);

    public Task<OrderEvent?> FindAsync(string organizationId, string eventId, CancellationToken cancellationToken)
    {
        var current = epoch.Current;
        return RowAsync(
            connections.Replays,
            ById,
            [Of(organizationId), Of(eventId)],
            row => PostgresEventRow.Read(row, current),
            cancellationToken);
    }

    public Task<OrderHead?> OrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken) => RowAsync<OrderHead?>(
        connections.Replays, OrderHead, [Of(organizationId), Of(orderId)],
        row => new OrderHead(row.GetInt64(0), row.GetInt64(1)), cancellationToken);

    public async Task<OrganizationHead> OrganizationHeadAsync(
        string organizationId, CancellationToken cancellationToken) =>
        await RowAsync<OrganizationHead?>(
            connections.Replays, "SELECT sequence, earliest FROM organizations WHERE name = $1", [Of(organizationId)],
            row => new OrganizationHead(row.GetInt64(0), row.GetInt64(1)), cancellationToken)
        ?? new OrganizationHead(0, 1);

    /// <summary>A partition's checkpoint, and the position of its newest event.</summary>
    public Task<(long Position, long Newest)> CheckpointAsync(int partition, CancellationToken cancellationToken) =>
        RowAsync(
            connections.Live,
            Checkpoint,
            [Of(partition)],
            row => (row.GetInt64(0), row.GetInt64(1)),
            cancellationToken);

    public Task SaveCheckpointAsync(
        int partition, long position, string ofEpoch, CancellationToken cancellationToken) =>
        RowAsync(
            connections.Live,
            SaveCheckpoint,
            [Of(partition), Of(position), Of(ofEpoch)],
            _ => 0,
            cancellationToken);

    private static NpgsqlParameter[] PageOf<TKey>(TKey key, long after, int limit) =>
        [Of(key), Of(after), Of((long)limit), Of((long)EventRow.MaxPageDetails)];

    private Task<List<PartitionEntry>> PageAsync(
        PostgresConcurrencyLimiter limiter,
        string sql,
        NpgsqlParameter[] parameters,
        CancellationToken cancellationToken)
    {
        var current = epoch.Current;
        return ReadAsync(
            limiter, sql, parameters,
            async rows =>
            {
                var page = new List<PartitionEntry>();
                while (await rows.ReadAsync())
                {
                    page.Add(new PartitionEntry(rows.GetInt64(0), PostgresEventRow.Read(rows, current)));
                }

                return page;
            },
            cancellationToken);
    }

    private Task<T?> RowAsync<T>(
        PostgresConcurrencyLimiter limiter,
        string sql,
        NpgsqlParameter[] parameters,
        Func<DbDataReader, T> read,
        CancellationToken cancellationToken) =>
        ReadAsync(
            limiter,
            sql,
            parameters,
            async rows => await rows.ReadAsync() ? read(rows) : default,
            cancellationToken);

    private async Task<T> ReadAsync<T>(
        PostgresConcurrencyLimiter limiter,
        string sql,
        NpgsqlParameter[] parameters,
        Func<DbDataReader, Task<T>> read,
        CancellationToken cancellationToken)
    {
        var reading = limiter.RunAsync(
            () => connections.UseAsync(
                async connection =>
                {
                    // Every caller passes a constant.
#pragma warning disable CA2100
                    await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
                    command.Parameters.AddRange(Array.ConvertAll(parameters, parameter => parameter.Clone()));
                    await using var rows = await command.ExecuteReaderAsync(CancellationToken.None);
                    return await read(rows);
                },
                CancellationToken.None),
            cancellationToken);
        try
        {
            return await reading.WaitAsync(connections.ReadTimeout, connections.Time, cancellationToken);
        }
        catch (TimeoutException) when (!reading.IsCompleted)
        {
            // The read continues and keeps its permit. It ends when Npgsql has given up cancelling it: see
            // PostgresStorageOptions.CommandTimeout.
            throw LogUnavailable.Because("PostgreSQL does not answer in time");
        }
    }
}
