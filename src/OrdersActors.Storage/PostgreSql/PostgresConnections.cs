using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The connections of a process to its database, one pool, and how many of them each kind of work may take. Commands are
/// prepared on a connection when they are used for the second time.
/// </summary>
internal sealed class PostgresConnections : IAsyncDisposable
{
    /// <summary>Everything of ours is in a schema of its own; names in SQL are found in it.</summary>
    public const string Schema = "orders_actors";

    // Every query of ours walks an index, whatever the tables' sizes; but a plan that is made while a table is small, and kept while it
    // grows, or made for parameters that are not known yet, would read it whole. A plan is made once a connection: for a function
    // call with arrays, planning each call anew costs as much as running it.
    private const string Planner =
        "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";

    private readonly NpgsqlDataSource _pool;
    private readonly NpgsqlDataSource _single;

    private PostgresConnections(PostgresStorageOptions options, int connections, TimeProvider time)
    {
        var settings = Settings(options);
        settings.MaxAutoPrepare = 32;
        settings.AutoPrepareMinUsages = 2;
        // Nothing of ours outlives its command, so there is nothing to reset.
        settings.NoResetOnClose = true;
        settings.Options = $"{Planner} {settings.Options}".TrimEnd();
        settings.MaxPoolSize = connections;
        _pool = NpgsqlDataSource.Create(settings);
        settings.Pooling = false;
        settings.ApplicationName += " news";
        _single = NpgsqlDataSource.Create(settings);
        Appends = new PostgresTurns(options.AppendConnections, options.QueueTimeout, time);
        Live = new PostgresTurns(options.LiveConnections, options.QueueTimeout, time);
        Replays = new PostgresTurns(options.ReplayConnections, options.QueueTimeout, time);
    }

    public PostgresTurns Appends { get; }

    public PostgresTurns Live { get; }

    public PostgresTurns Replays { get; }

    /// <summary>For an event log.</summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
    public static PostgresConnections ForLog(PostgresStorageOptions options, TimeProvider time) => new(
        options, options.AppendConnections + options.LiveConnections + options.ReplayConnections, time);

    /// <summary>For API keys.</summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
    public static PostgresConnections ForKeys(PostgresStorageOptions options, TimeProvider time) => new(options, 2, time);

    /// <summary>A pooled connection; its user disposes it.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken = default) =>
        _pool.OpenConnectionAsync(cancellationToken);

    /// <summary>A connection outside of the pool; its user disposes it, which closes it.</summary>
    public ValueTask<NpgsqlConnection> OpenSingleAsync(CancellationToken cancellationToken) =>
        _single.OpenConnectionAsync(cancellationToken);

    /// <summary>Lets go of the pooled connections, because one turned out to be broken.</summary>
    public void Clear() => _pool.Clear();

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _single.DisposeAsync();
    }

    /// <summary>The connection string with what all of our connections have in common.</summary>
    /// <exception cref="StorageException">It cannot be used.</exception>
    public static NpgsqlConnectionStringBuilder Settings(PostgresStorageOptions options)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
            {
                SearchPath = Schema,
                Timeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
                CommandTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
                Pooling = true,
                Enlist = false,
                Multiplexing = false,
                // Errors are logged, and the details of one may be a row.
                IncludeErrorDetail = false,
            };
            settings.ApplicationName ??= "OrdersActors";
            if (string.IsNullOrEmpty(settings.Host))
            {
                throw new ArgumentException("There is no host.");
            }

            return settings;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Without the cause: it may quote the string, and with it the password.
            throw new StorageException("ConnectionStrings:OrdersActors is not a connection string of PostgreSQL");
        }
    }
}
