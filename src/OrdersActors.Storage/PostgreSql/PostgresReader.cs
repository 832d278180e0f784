using System.Data.Common;
using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>The queries of readers. Each is one statement, so it sees one moment of the log.</summary>
/// <remarks>
/// Live events do not wait behind replays: what an agent reads of its partition has connections of its own, and there is one
/// agent a partition, which asks one thing at a time. A read that its caller gave up runs to its end, which is not far.
/// </remarks>
internal sealed class PostgresReader(PostgresConnections connections)
{
    /// <summary>
    /// A read ends after about this many bytes of details, so that a thousand large events do not fill the memory.
    /// </summary>
    private const int MaxDetails = 1024 * 1024;

    // The page is cut before the details are fetched from where large ones are kept, and before they travel.
    private const string Page = $"""
        SELECT {PostgresRow.Columns}
        FROM (
            SELECT page.*, sum(octet_length(page.details)) OVER (ORDER BY page.place ROWS UNBOUNDED PRECEDING)
                - coalesce(octet_length(page.details), 0) AS before
            FROM page) e JOIN orders o ON o.id = e.order_ref JOIN organizations g ON g.id = e.organization
        WHERE coalesce(e.before, 0) < $4 ORDER BY e.place
        """;

    private const string ByOrder = $"""
        WITH page AS (
            SELECT e.*, e.version AS place FROM events e
            WHERE e.order_ref = (SELECT id FROM orders WHERE name = $1) AND e.version > $2 ORDER BY e.version LIMIT $3)
        {Page}
        """;

    // LATERAL: PostgreSQL reads a feed in order from its index only where the organization is a given; a join would sort it whole.
    private const string ByOrganization = $"""
        WITH page AS (
            SELECT feed.* FROM organizations g CROSS JOIN LATERAL (
                SELECT e.*, e.sequence AS place FROM events e
                WHERE e.organization = g.id AND e.sequence > greatest($2, g.earliest - 1) ORDER BY e.sequence LIMIT $3) feed
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
        SELECT {PostgresRow.Columns}
        FROM organizations g JOIN events e ON {PostgresRow.Key} = $2 || ' ' || g.id::text JOIN orders o ON o.id = e.order_ref
        WHERE g.name = $1
        """;

    private const string OrderHead = """
        SELECT g.name, o.version, coalesce((SELECT min(e.version) FROM events e WHERE e.order_ref = o.id), o.version + 1)
        FROM orders o JOIN organizations g ON g.id = o.organization WHERE o.name = $1
        """;

    public async Task<IReadOnlyList<OrderEvent>> OrderAsync(
        string organizationId, string orderId, long after, int limit, CancellationToken cancellationToken) =>
        (await PageAsync(connections.Replays, ByOrder, orderId, after, limit, cancellationToken))
            .FindAll(entry => entry.Event.OrganizationId == organizationId).ConvertAll(entry => entry.Event);

    public async Task<IReadOnlyList<OrderEvent>> OrganizationAsync(
        string organizationId, long after, int limit, CancellationToken cancellationToken) =>
        (await PageAsync(connections.Replays, ByOrganization, organizationId, after, limit, cancellationToken))
            .ConvertAll(entry => entry.Event);

    public async Task<IReadOnlyList<PartitionEntry>> PartitionAsync(
        int partition, long after, int limit, CancellationToken cancellationToken) =>
        await PageAsync(connections.Live, ByPartition, partition, after, limit, cancellationToken);

    public Task<OrderEvent?> FindAsync(string organizationId, string eventId, CancellationToken cancellationToken) => RowAsync(
        connections.Replays, ById, [Of(organizationId), Of(eventId)], PostgresRow.ToEvent, cancellationToken);

    public Task<OrderHead?> OrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken) => RowAsync<OrderHead?>(
        connections.Replays, OrderHead, [Of(orderId)],
        row => row.GetString(0) == organizationId ? new OrderHead(row.GetInt64(1), row.GetInt64(2)) : null, cancellationToken);

    public async Task<OrganizationHead> OrganizationHeadAsync(string organizationId, CancellationToken cancellationToken) =>
        await RowAsync<OrganizationHead?>(
            connections.Replays, "SELECT sequence, earliest FROM organizations WHERE name = $1", [Of(organizationId)],
            row => new OrganizationHead(row.GetInt64(0), row.GetInt64(1)), cancellationToken)
        ?? new OrganizationHead(0, 1);

    public Task<long> CheckpointAsync(int partition, CancellationToken cancellationToken) => RowAsync(
        connections.Live, "SELECT position FROM checkpoints WHERE partition = $1", [Of(partition)],
        row => row.GetInt64(0), cancellationToken);

    public Task SaveCheckpointAsync(int partition, long position, CancellationToken cancellationToken) => RowAsync(
        connections.Live, "UPDATE checkpoints SET position = $2 WHERE partition = $1 AND position < $2",
        [Of(partition), Of(position)], _ => 0, cancellationToken);

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private Task<List<PartitionEntry>> PageAsync<TKey>(
        PostgresTurns turns, string sql, TKey key, long after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(
            turns, sql, [Of(key), Of(after), Of((long)limit), Of((long)MaxDetails)],
            async rows =>
            {
                var page = new List<PartitionEntry>();
                while (await rows.ReadAsync())
                {
                    page.Add(new PartitionEntry(rows.GetInt64(0), PostgresRow.ToEvent(rows)));
                }

                return page;
            },
            cancellationToken);

    private Task<T?> RowAsync<T>(
        PostgresTurns turns, string sql, NpgsqlParameter[] parameters, Func<DbDataReader, T> read,
        CancellationToken cancellationToken) =>
        ReadAsync(turns, sql, parameters, async rows => await rows.ReadAsync() ? read(rows) : default, cancellationToken);

    private Task<T> ReadAsync<T>(
        PostgresTurns turns, string sql, NpgsqlParameter[] parameters, Func<DbDataReader, Task<T>> read,
        CancellationToken cancellationToken) =>
        turns.RunAsync(
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
            cancellationToken).WaitAsync(cancellationToken);
}
