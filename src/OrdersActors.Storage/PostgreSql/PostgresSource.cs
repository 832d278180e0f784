using System.Data.Common;
using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Connections of one kind to the primary, with a pool for each host. Orleans' membership and the key ring also open
/// their connections through this class, so after a promotion all connections use the new primary.
/// </summary>
internal sealed class PostgresSource : DbDataSource
{
    private readonly string _name;
    private readonly PostgresHosts _hosts;
    private readonly NpgsqlDataSource[] _sources;

    /// <param name="name">The name of the pool in Npgsql's metrics.</param>
    /// <param name="settings">The connection string.</param>
    /// <param name="hosts">The hosts, of which one is the primary.</param>
    /// <param name="session">How a connection begins.</param>
    public PostgresSource(
        string name, NpgsqlConnectionStringBuilder settings, PostgresHosts hosts, PostgresSession session)
    {
        _name = name;
        _hosts = hosts;
        ConnectionString =
            new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Password = null }.ConnectionString;
        _sources = [.. PostgresSettings.ForEachHost(settings).Select(single => Build(single, session))];
    }

    public override string ConnectionString { get; }

    /// <summary>
    /// Opens a connection to the primary. If the last used primary cannot be reached, the hosts are queried again,
    /// once.
    /// </summary>
    /// <exception cref="NpgsqlException">The connection could not be opened.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var primary = await _hosts.PrimaryAsync(cancellationToken);
        try
        {
            return await _sources[primary].OpenConnectionAsync(cancellationToken);
        }
        catch (Exception e) when (_hosts.HasSeveral && PostgresErrors.IsDatabase(e))
        {
            _hosts.Invalidate();
        }

        primary = await _hosts.PrimaryAsync(cancellationToken);
        return await _sources[primary].OpenConnectionAsync(cancellationToken);
    }

    /// <summary>Closes the idle connections now, and the others when they are returned.</summary>
    public void Clear()
    {
        foreach (var source in _sources)
        {
            source.Clear();
        }
    }

    protected override DbConnection CreateDbConnection() => _sources[_hosts.LastPrimary].CreateConnection();

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(
        CancellationToken cancellationToken = default) =>
        await OpenAsync(cancellationToken);

    // The key ring opens its connection on a grain's scheduler, which runs one task at a time. A continuation that is
    // scheduled there would never run, because this method blocks that scheduler.
    protected override DbConnection OpenDbConnection() =>
        Task.Run(() => OpenAsync(CancellationToken.None)).GetAwaiter().GetResult();

    protected override async ValueTask DisposeAsyncCore()
    {
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }

        await base.DisposeAsyncCore();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Array.ForEach(_sources, source => source.Dispose());
        }

        base.Dispose(disposing);
    }

    private NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings, PostgresSession session)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString)
        {
            // Otherwise the name is the connection string.
            Name = _hosts.HasSeveral ? $"{_name} {PostgresHosts.NameOf(settings)}" : _name,
        };
        builder.UsePhysicalConnectionInitializer(
            connection => Check(session.Begin(connection), settings),
            async connection => Check(await session.BeginAsync(connection), settings));
        return builder.Build();
    }

    /// <summary>Rejects a host that was the primary and has come back as a standby.</summary>
    private void Check(bool isStandby, NpgsqlConnectionStringBuilder settings)
    {
        if (isStandby && _hosts.HasSeveral)
        {
            throw new NoPrimaryException($"{PostgresHosts.NameOf(settings)} is a standby");
        }
    }
}
