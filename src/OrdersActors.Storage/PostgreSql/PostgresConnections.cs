using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The connections of a process to its database: one pool, and a limit for each kind of work. A connection prepares a
/// command when it executes the command for the second time.
/// </summary>
internal sealed class PostgresConnections : IAsyncDisposable
{
    /// <summary>The schema of all objects of this program; it is the search path of every connection.</summary>
    public const string Schema = "orders_actors";

    /// <summary>
    /// The additional time that callers wait after a command timeout, while Npgsql asks PostgreSQL to cancel the
    /// command. A responsive PostgreSQL cancels at once; for an unresponsive one callers wait no longer than this.
    /// </summary>
    public static readonly TimeSpan CancelTime = TimeSpan.FromSeconds(2);

    private readonly PostgresHosts _hosts;
    private readonly PostgresSource _pool;
    private readonly PostgresSource _unpooled;
    private readonly PostgresSource _listening;

    private PostgresConnections(string name, PostgresStorageOptions options, int connections, TimeProvider time)
    {
        var settings = PostgresSettings.Of(options);
        _hosts = PostgresHosts.Of(settings, TimeProvider.System);
        PollTimeout = _hosts.HasSeveral ? settings.Timeout : settings.CommandTimeout;
        settings.MaxAutoPrepare = 32;
        settings.AutoPrepareMinUsages = 2;
        settings.MaxPoolSize = connections;
        _pool = new PostgresSource(name, settings, _hosts, PostgresSession.Log);
        settings.Pooling = false;
        _unpooled = new PostgresSource($"{name}-unpooled", settings, _hosts, PostgresSession.Log);
        settings.ApplicationName += " news";
        _listening = new PostgresSource($"{name}-listener", settings, _hosts, PostgresSession.Listen);
        Time = time;
        ReadTimeout = options.QueueTimeout + options.CommandTimeout + CancelTime;
        Live = new PostgresConcurrencyLimiter(options.LiveConnections, options.QueueTimeout, time);
        Replays = new PostgresConcurrencyLimiter(options.ReplayConnections, options.QueueTimeout, time);
    }

    /// <summary>
    /// The timeout in seconds of the poll that checks whether the primary is alive. With several hosts it equals the
    /// connect timeout, because another host may have been promoted.
    /// </summary>
    public int PollTimeout { get; }

    /// <summary>Whether there are several hosts, of which one is the primary.</summary>
    public bool HasSeveralHosts => _hosts.HasSeveral;

    /// <summary>The longest time that a caller waits for a read, including the wait for a permit.</summary>
    public TimeSpan ReadTimeout { get; }

    public TimeProvider Time { get; }

    public PostgresConcurrencyLimiter Live { get; }

    public PostgresConcurrencyLimiter Replays { get; }

    /// <summary>The connections for an event log.</summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
    public static PostgresConnections ForLog(PostgresStorageOptions options, TimeProvider time) => new(
        "log", options, options.AppendConnections + options.LiveConnections + options.ReplayConnections, time);

    /// <summary>The connections for API keys.</summary>
    /// <exception cref="StorageException">The connection string cannot be used.</exception>
    public static PostgresConnections ForKeys(PostgresStorageOptions options, TimeProvider time) =>
        new("keys", options, 2, time);

    /// <summary>
    /// Runs the work on a pooled connection. If that connection is broken, the work runs once more on a new one: after
    /// a restart of PostgreSQL all idle connections are broken. So the work must be repeatable.
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
            _hosts.Invalidate();
            _pool.Clear();
        }
        catch (Exception e) when (PostgresErrors.IsTimeout(e))
        {
            _hosts.Invalidate();
            throw;
        }

        // Not from the pool, which may contain another broken connection while a concurrent call clears it.
        await using var connection = await _unpooled.OpenAsync(cancellationToken);
        return await work(connection);
    }

    /// <summary>Opens a connection outside of the pool. The caller must dispose it.</summary>
    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        _unpooled.OpenAsync(cancellationToken);

    /// <summary>
    /// Opens the listening connection, whose application name ends with "news". The caller must dispose it.
    /// </summary>
    public Task<NpgsqlConnection> OpenForListenAsync(CancellationToken cancellationToken) =>
        _listening.OpenAsync(cancellationToken);

    /// <summary>
    /// Reports that the listening connection was lost. With several hosts, another one may be the primary now.
    /// </summary>
    public void InvalidatePrimary() => _hosts.Invalidate();

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _unpooled.DisposeAsync();
        await _listening.DisposeAsync();
    }
}
