using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The settings of a session. They are set by SQL after the connection is made, because a session pooler (PgBouncer)
/// rejects <c>search_path</c> and <c>options</c> as startup parameters.
/// </summary>
internal sealed class PostgresSession
{
    private const string Path = $"set_config('search_path', '{PostgresConnections.Schema}', false)";

    // Every query of this program must use an index, whatever the size of the tables. A plan that is made while a table
    // is small, and kept while it grows, would otherwise scan the whole table. Plans are made once per connection:
    // planning a call with arrays each time costs as much as running it. Read committed, because each statement of an
    // append must see everything that was committed before the statement.
    private const string Plans = """
        set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false),
        set_config('enable_bitmapscan', 'off', false), set_config('enable_hashjoin', 'off', false),
        set_config('enable_mergejoin', 'off', false), set_config('jit', 'off', false),
        set_config('default_transaction_isolation', 'read committed', false)
        """;

    // A machine that lost power does not close its connection. Its session and the locks of the session end after 25 s.
    private const string KeepAlive = """
        set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
        set_config('tcp_keepalives_count', '3', false)
        """;

    private readonly string _sql;

    private PostgresSession(string settings) => _sql = $"SELECT pg_is_in_recovery(), {settings}";

    /// <summary>The settings for the event log and the API keys.</summary>
    public static PostgresSession Log { get; } = new($"{Path}, {Plans}");

    /// <summary>The settings for the listening connection, which also holds the cluster lock.</summary>
    public static PostgresSession Listen { get; } = new($"{Path}, {Plans}, {KeepAlive}");

    /// <summary>The settings for Orleans' membership and the key ring.</summary>
    public static PostgresSession Plain { get; } = new(Path);

    /// <summary>Applies the settings to a new connection, and returns whether the server is a standby.</summary>
    public async Task<bool> BeginAsync(NpgsqlConnection connection)
    {
        await using var command = Command(connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The same for a caller that is synchronous: Data Protection's key ring.</summary>
    public bool Begin(NpgsqlConnection connection)
    {
        using var command = Command(connection);
        return (bool)command.ExecuteScalar()!;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection) =>
        new(_sql, connection) { CommandTimeout = connection.ConnectionTimeout };
}
