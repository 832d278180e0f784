using System.Globalization;
using Npgsql;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>
/// A server of the first release, as far as the database sees it: the schema that it created and the statements that it
/// executed. The statements must never change, because servers of that release execute them.
/// </summary>
internal sealed class ReleasedPostgresLog : IAsyncDisposable
{
    private const string Columns =
        "e.position, g.name, o.name, e.version, e.sequence, e.event_id, e.status, e.occurred_at, e.details";

    private const string Page = $"""
        SELECT {Columns}
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

    private const string Head = """
        SELECT g.name, o.version,
            coalesce((SELECT min(e.version) FROM events e WHERE e.order_ref = o.id), o.version + 1)
        FROM orders o JOIN organizations g ON g.id = o.organization WHERE o.name = $1
        """;

    private const string Append = """
        SELECT newest, sequences, versions, foreign_orders, repeated_events
        FROM append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    private readonly NpgsqlConnection _connection;

    private ReleasedPostgresLog(NpgsqlConnection connection) => _connection = connection;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public int PartitionCount { get; private init; }

    /// <summary>Creates the schema as the first release created it.</summary>
    public static async Task<ReleasedPostgresLog> CreateAsync(PostgresDatabase database, int partitions)
    {
        var connection = new NpgsqlConnection($"{database.ConnectionString};Search Path=orders_actors");
        await connection.OpenAsync(Cancelled);
        var log = new ReleasedPostgresLog(connection) { PartitionCount = partitions };
        await log.ExecuteAsync("""
            CREATE SCHEMA orders_actors;
            CREATE TABLE schema_version (version integer NOT NULL);
            INSERT INTO schema_version VALUES (0);
            """);
        foreach (var script in (string[])["1-event-log.sql", "2-orleans-membership.sql", "3-key-ring.sql"])
        {
            using var reader =
                new StreamReader(typeof(PostgresSchema).Assembly.GetManifestResourceStream(script)!);
            await log.ExecuteAsync(await reader.ReadToEndAsync(Cancelled));
        }

        await log.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
            UPDATE schema_version SET version = 3;
            INSERT INTO partitions SELECT generate_series(0, {partitions - 1});
            INSERT INTO checkpoints SELECT generate_series(0, {partitions - 1});
            """));
        return log;
    }

    /// <summary>Whether a server of the first release would start on the schema.</summary>
    public async Task<bool> CanStartAsync() =>
        await ScalarAsync<int>("SELECT version FROM schema_version") == 3
        && await ScalarAsync<int>("SELECT count(*)::integer FROM partitions") == PartitionCount;

    /// <summary>Appends events of one order, given by their ids.</summary>
    public async Task<AppendAnswer> AppendAsync(string organization, string order, params string[] ids)
    {
        await using var command = new NpgsqlCommand(Append, _connection)
        {
            Parameters =
            {
                Of(PartitionOf(organization)),
                Of<string[]>([organization]),
                Of<int[]>([ids.Length]),
                Of<string[]>([order]),
                Of<int[]>([1]),
                Of<int[]>([ids.Length]),
                Of<int[]>([.. ids.Select(_ => 1)]),
                Of<int[]>([.. ids.Select((_, i) => i + 1)]),
                Of<int[]>([.. ids.Select((_, i) => i + 1)]),
                Of(ids),
                Of<string[]>([.. ids.Select(_ => "s")]),
                Of<DateTime[]>([.. ids.Select(_ => DateTime.UnixEpoch)]),
                Of<string?[]>([.. ids.Select(_ => """{"a":1}""")]),
            },
        };
        await using var rows = await command.ExecuteReaderAsync(Cancelled);
        Assert.True(await rows.ReadAsync(Cancelled));
        return new AppendAnswer(
            rows.IsDBNull(0) ? null : rows.GetInt64(0), Numbers(1), Numbers(2), Numbers(3), Numbers(4));

        long[]? Numbers(int column) => rows.IsDBNull(column) ? null : rows.GetFieldValue<long[]>(column);
    }

    /// <summary>The ids of the events of the order with this name, with their organizations.</summary>
    public Task<List<(string Organization, string Id)>> ReadOrderAsync(string order) => PageAsync(ByOrder, Of(order));

    public Task<List<(string Organization, string Id)>> ReadOrganizationAsync(string organization) =>
        PageAsync(ByOrganization, Of(organization));

    public Task<List<(string Organization, string Id)>> ReadPartitionOfAsync(string organization) =>
        PageAsync(ByPartition, Of(PartitionOf(organization)));

    /// <summary>The organization of the order with this name, and its newest version.</summary>
    public async Task<(string Organization, long Version)> OrderHeadAsync(string order)
    {
        await using var command = new NpgsqlCommand(Head, _connection) { Parameters = { Of(order) } };
        await using var rows = await command.ExecuteReaderAsync(Cancelled);
        Assert.True(await rows.ReadAsync(Cancelled));
        return (rows.GetString(0), rows.GetInt64(1));
    }

    public Task SaveCheckpointAsync(string organization, long position) => ExecuteAsync(
        "UPDATE checkpoints SET position = $2 WHERE partition = $1 AND position < $2",
        Of(PartitionOf(organization)), Of(position));

    public Task<long> CheckpointAsync(string organization) => ScalarAsync<long>(
        "SELECT position FROM checkpoints WHERE partition = $1", Of(PartitionOf(organization)));

    /// <summary>Removes all delivered events of the organization's partition by age. Returns their number.</summary>
    public async Task<int> TrimAllAsync(string organization)
    {
        const long now = 1_000_000;
        var partition = PartitionOf(organization);
        var newest = await ScalarAsync<long>("SELECT position FROM partitions WHERE partition = $1", Of(partition));
        Assert.True(await ScalarAsync<bool>(
            "SELECT mark_time($1, $2, $3, $4, $5)",
            Of<int[]>([partition]), Of<long[]>([newest]), Of(now), Of(now - 1000), Of(1000L)));
        return await ScalarAsync<int>(
            "SELECT trim_events($1, $2, $3, $4, $5, $6)",
            Of(partition), Of(newest), Of<long[]>([]), Of(100L), Of(100L), Of(256));
    }

    public Task AddKeyAsync(string organization, string key) => ExecuteAsync(
        """
        INSERT INTO api_keys (key, organization, protected_secret, created_at) VALUES ($1, $2, 'protected', now());
        """,
        Of(key), Of(organization));

    /// <summary>Creates a key as the <c>keys</c> command of the previous versions does.</summary>
    public Task CreateKeyAsync(string organization, string key, string protectedSecret) => ExecuteAsync(
        """
        INSERT INTO api_keys (key, organization, protected_secret, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (key) DO NOTHING -- the key exists if a retry repeats the insert
        """,
        Of(key), Of(organization), Of(protectedSecret), Of(DateTime.UnixEpoch));

    /// <summary>Finds a key as a server of the previous versions does.</summary>
    public async Task<(string Organization, string ProtectedSecret, bool IsRevoked)> FindKeyAsync(string key)
    {
        await using var command = Command(
            "SELECT organization, protected_secret, revoked_at FROM api_keys WHERE key = $1", Of(key));
        await using var rows = await command.ExecuteReaderAsync(Cancelled);
        Assert.True(await rows.ReadAsync(Cancelled));
        return (rows.GetString(0), rows.GetString(1), !rows.IsDBNull(2));
    }

    /// <summary>Revokes a key as the <c>keys</c> command of the previous versions does.</summary>
    public Task RevokeKeyAsync(string key) => ExecuteAsync(
        "UPDATE api_keys SET revoked_at = $2 WHERE key = $1 AND revoked_at IS NULL", Of(key), Of(DateTime.UnixEpoch));

    /// <summary>Applies the expand step of the second release, as its servers did.</summary>
    public async Task ApplyFirstStepAsync()
    {
        await ExecuteAsync("CREATE UNIQUE INDEX orders_name_organization ON orders (name, organization)");
        using var reader = new StreamReader(
            typeof(PostgresSchema).Assembly.GetManifestResourceStream("4-scoped-orders-and-epoch.sql")!);
        await ExecuteAsync(await reader.ReadToEndAsync(Cancelled));
        await ExecuteAsync("""
            INSERT INTO log_epoch (epoch) VALUES ('first');
            CREATE TABLE schema_steps (step text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
            INSERT INTO schema_steps (step) VALUES ('scoped-orders-and-epoch');
            """);
    }

    public async Task ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private int PartitionOf(string organization) => OrganizationPartition.Of(organization, PartitionCount);

    private async Task<List<(string Organization, string Id)>> PageAsync(string sql, NpgsqlParameter key)
    {
        await using var command = Command(sql, key, Of(0L), Of(100L), Of(1024L * 1024));
        await using var rows = await command.ExecuteReaderAsync(Cancelled);
        var page = new List<(string Organization, string Id)>();
        while (await rows.ReadAsync(Cancelled))
        {
            page.Add((rows.GetString(1), rows.GetString(5)));
        }

        return page;
    }

    private async Task<T> ScalarAsync<T>(string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(sql, parameters);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    private NpgsqlCommand Command(string sql, params NpgsqlParameter[] parameters)
    {
        // Every caller passes a constant or a script.
#pragma warning disable CA2100
        var command = new NpgsqlCommand(sql, _connection);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        return command;
    }

    /// <summary>The answer of <c>append_events</c>.</summary>
    public sealed record AppendAnswer(
        long? Newest, long[]? Sequences, long[]? Versions, long[]? ForeignOrders, long[]? RepeatedEvents);
}
