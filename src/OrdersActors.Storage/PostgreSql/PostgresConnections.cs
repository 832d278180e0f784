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

    /// <summary>
    /// Npgsql asks PostgreSQL to cancel what has taken too long. One that answers does so at once; for one that hangs, callers wait
    /// so much longer and no more.
    /// </summary>
    public static readonly TimeSpan CancelTime = TimeSpan.FromSeconds(2);

    private readonly PostgresHosts _hosts;
    private readonly PostgresSource _pool;
    private readonly PostgresSource _unpooled;
    private readonly PostgresSource _news;

    private PostgresConnections(PostgresStorageOptions options, int connections, TimeProvider time)
    {
        var settings = PostgresSettings.Of(options);
        _hosts = PostgresHosts.Of(settings, TimeProvider.System);
        PollTimeout = _hosts.IsSeveral ? settings.Timeout : settings.CommandTimeout;
        settings.MaxAutoPrepare = 32;
        settings.AutoPrepareMinUsages = 2;
        settings.MaxPoolSize = connections;
        _pool = new PostgresSource(settings, _hosts, PostgresSession.Log);
        settings.Pooling = false;
        _unpooled = new PostgresSource(settings, _hosts, PostgresSession.Log);
        settings.ApplicationName += " news";
        _news = new PostgresSource(settings, _hosts, PostgresSession.News);
        Time = time;
        ReadTimeout = options.QueueTimeout + options.CommandTimeout + CancelTime;
        Appends = new PostgresTurns(options.AppendConnections, options.QueueTimeout, time);
        Live = new PostgresTurns(options.LiveConnections, options.QueueTimeout, time);
        Replays = new PostgresTurns(options.ReplayConnections, options.QueueTimeout, time);
    }

    /// <summary>
    /// How long the poll that tells whether the primary is alive may take, in seconds: with several hosts not longer than a connect, because
    /// another one may have been promoted.
    /// </summary>
    public int PollTimeout { get; }

    /// <summary>Whether there are several hosts, of which one is the primary.</summary>
    public bool IsSeveral => _hosts.IsSeveral;

    /// <summary>How long a caller waits for a read at most, its turn included.</summary>
    public TimeSpan ReadTimeout { get; }

    public TimeProvider Time { get; }

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
            await using var pooled = await _pool.OpenAsync(cancellationToken);
            return await work(pooled);
        }
        catch (Exception e) when (PostgresErrors.IsBroken(e))
        {
            _hosts.Doubt();
            _pool.Clear();
        }
        catch (Exception e) when (PostgresErrors.IsTimeout(e))
        {
            _hosts.Doubt();
            throw;
        }

        // Not from the pool, which may hold another broken one while somebody else clears it.
        await using var connection = await _unpooled.OpenAsync(cancellationToken);
        return await work(connection);
    }

    /// <summary>A connection of its user's own, who disposes it.</summary>
    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => _unpooled.OpenAsync(cancellationToken);

    /// <summary>A connection to listen on, whose name says so. Its user disposes it.</summary>
    public Task<NpgsqlConnection> OpenForNewsAsync(CancellationToken cancellationToken) => _news.OpenAsync(cancellationToken);

    /// <summary>The connection to listen on was lost: with several hosts, another one may be the primary.</summary>
    public void Doubt() => _hosts.Doubt();

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _unpooled.DisposeAsync();
        await _news.DisposeAsync();
    }
}
