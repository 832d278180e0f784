using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The settings of a session. They are set by SQL after the connection was made: a session pooler (PgBouncer) refuses
/// <c>search_path</c> and <c>options</c> as startup parameters.
/// </summary>
internal sealed class PostgresSession
{
    private const string Path = $"set_config('search_path', '{PostgresConnections.Schema}', false)";

    // Every query of ours walks an index, whatever the tables' sizes. A plan that is made while a table is small, and kept while
    // it grows, would read it whole. A plan is made once a connection: for a call with arrays, planning anew each time
    // costs as much as running it. And appends rely on seeing, statement by statement, what was committed before.
    private const string Plans = """
        set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false),
        set_config('enable_bitmapscan', 'off', false), set_config('enable_hashjoin', 'off', false),
        set_config('enable_mergejoin', 'off', false), set_config('jit', 'off', false),
        set_config('default_transaction_isolation', 'read committed', false)
        """;

    // A machine that lost its power says nothing. Its session, and the locks that it holds, end after 25 seconds.
    private const string KeepAlive = """
        set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
        set_config('tcp_keepalives_count', '3', false)
        """;

    private readonly string _sql;

    private PostgresSession(string settings) => _sql = $"SELECT pg_is_in_recovery(), {settings}";

    /// <summary>For the event log and the API keys.</summary>
    public static PostgresSession Log { get; } = new($"{Path}, {Plans}");

    /// <summary>For the connection that listens, and holds the lock of the cluster.</summary>
    public static PostgresSession News { get; } = new($"{Path}, {Plans}, {KeepAlive}");

    /// <summary>For Orleans' membership and the key ring.</summary>
    public static PostgresSession Plain { get; } = new(Path);

    /// <summary>Sets them on a new connection, and returns whether the server is a standby.</summary>
    public async Task<bool> BeginAsync(NpgsqlConnection connection)
    {
        await using var command = Command(connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The same for a caller that cannot wait otherwise: Data Protection's key ring.</summary>
    public bool Begin(NpgsqlConnection connection)
    {
        using var command = Command(connection);
        return (bool)command.ExecuteScalar()!;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection) =>
        new(_sql, connection) { CommandTimeout = connection.ConnectionTimeout };
}
