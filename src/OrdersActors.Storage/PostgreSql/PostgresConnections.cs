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

    // Every query of ours walks an index, whatever the tables' sizes. A plan that is made while a table is small, and kept while
    // it grows, would read it whole. A plan is made once a connection: for a call with arrays, planning anew each time
    // costs as much as running it. And appends rely on seeing, statement by statement, what was committed before.
    private const string Session =
        "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off "
        + @"-c enable_mergejoin=off -c jit=off -c default_transaction_isolation=read\ committed";

    private readonly NpgsqlDataSource _pool;
    private readonly NpgsqlDataSource _unpooled;
    private readonly NpgsqlDataSource _news;

    private PostgresConnections(PostgresStorageOptions options, int connections, TimeProvider time)
    {
        var settings = Settings(options);
        settings.MaxAutoPrepare = 32;
        settings.AutoPrepareMinUsages = 2;
        // Nothing of ours outlives its command, so there is nothing to reset.
        settings.NoResetOnClose = true;
        settings.Options = $"{Session} {settings.Options}".TrimEnd();
        settings.MaxPoolSize = connections;
        _pool = NpgsqlDataSource.Create(settings);
        settings.Pooling = false;
        _unpooled = NpgsqlDataSource.Create(settings);
        settings.ApplicationName += " news";
        _news = NpgsqlDataSource.Create(settings);
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

    /// <summary>
    /// Does the work on a pooled connection; and once more on a new one where the first turned out to be broken, as all that are
    /// idle are when PostgreSQL has restarted. So it must be work that may be done twice.
    /// </summary>
    public async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var pooled = await _pool.OpenConnectionAsync(cancellationToken);
            return await work(pooled);
        }
        catch (Exception e) when (PostgresErrors.IsBroken(e))
        {
            _pool.Clear();
        }

        // Not from the pool, which may hold another broken one while somebody else clears it.
        await using var connection = await _unpooled.OpenConnectionAsync(cancellationToken);
        return await work(connection);
    }

    /// <summary>A connection of its user's own, who disposes it.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        _unpooled.OpenConnectionAsync(cancellationToken);

    /// <summary>A connection to listen on, whose name says so. Its user disposes it.</summary>
    public ValueTask<NpgsqlConnection> OpenForNewsAsync(CancellationToken cancellationToken) =>
        _news.OpenConnectionAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _unpooled.DisposeAsync();
        await _news.DisposeAsync();
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
