using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace OrdersActors.TestServer;

/// <summary>One cluster on free ports of this machine: a PostgreSQL and real server processes that share it.</summary>
/// <remarks>
/// <code>
///   clients ──► server 0, 1, 2 … (silo, front end, or both) ──► PostgreSQL: events, keys, membership
///   publishing services ──► every server that is a silo
/// </code>
/// A process that ends stays ended until a caller or a <see cref="Supervisor"/> starts it again.
/// </remarks>
public sealed class ServerCluster : IAsyncDisposable
{
    private const string Database = "orders";

    private readonly List<ServerProcess> _servers = [];
    private readonly ClusterSettings _settings;

    private ServerCluster(ClusterSettings settings, PostgresServer postgres) =>
        (_settings, Postgres) = (settings, postgres);

    /// <summary>The database that all servers use.</summary>
    public PostgresServer Postgres { get; }

    /// <summary>Reads the epoch of the event log from the database.</summary>
    public Task<string> ReadEpochAsync() => Postgres.SqlAsync(Database, "SELECT epoch FROM orders_actors.log_epoch");

    /// <summary>All servers, running or not.</summary>
    public IReadOnlyList<ServerProcess> Servers => _servers;

    /// <summary>The cluster's id, which publishing services must know.</summary>
    public string Id { get; } = $"cluster-{Guid.NewGuid():N}"[..16];

    /// <summary>The servers that clients may connect to.</summary>
    public IEnumerable<ServerProcess> FrontEnds => _servers.Where(server => server.Role.HoldsSockets());

    /// <summary>The addresses that publishing services may connect to.</summary>
    public IEnumerable<IPEndPoint> Gateways =>
        _servers.Where(server => server.Role.IsSilo()).Select(server => server.Gateway);

    /// <summary>Starts PostgreSQL and then the servers, and waits until all of them serve.</summary>
    public static async Task<ServerCluster> StartAsync(ClusterSettings? settings = null)
    {
        settings ??= new ClusterSettings();
        var listens = settings.Network is null ? "127.0.0.1" : $"127.0.0.1,{settings.DatabaseAddress}";
        var cluster = new ServerCluster(
            settings, await PostgresServer.StartAsync([$"listen_addresses={listens}", .. settings.PostgresSettings]));
        try
        {
            await cluster.Postgres.SqlAsync("postgres", $"CREATE DATABASE {Database}");
            var servers = settings.Roles.Select(cluster.Create).ToArray();
            // The silos start concurrently, as in a real cluster. A separate front end has nothing to connect to before
            // a silo runs.
            await Task.WhenAll(
                servers.Where(server => server.Role.IsSilo()).Select(server => server.StartAgainAsync()));
            await Task.WhenAll(
                servers.Where(server => !server.Role.IsSilo()).Select(server => server.StartAgainAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another server and waits until it serves.</summary>
    public async Task<ServerProcess> AddAsync(ServerRole role = ServerRole.All)
    {
        var server = Create(role);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>An internal service that publishes through any of the gateways.</summary>
    public Task<PublishingService> ConnectPublisherAsync(Action<IServiceCollection>? configure = null) =>
        PublishingService.ConnectAsync(Gateways, Id, configure, _settings.Tls?.Publisher);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));
        await Postgres.DisposeAsync();
    }

    private ServerProcess Create(ServerRole role)
    {
        var index = _servers.Count;
        var address = _settings.AddressOf(index);
        var server = ServerProcess.Create(new ServerSettings
        {
            Role = role,
            Environment = _settings.Environment,
            ServesMetrics = _settings.ServesMetrics,
            Executable = _settings.Executable,
            Address = address,
            NetworkNamespace = _settings.Network?.NamespaceOf(index),
            StartupAssembly = _settings.StartupAssembly,
            OnOutput = _settings.OnOutput is { } told ? line => told(index, line) : null,
            Variables = new(_settings.Variables.Concat(_settings.Tls?.Variables ?? []))
            {
                ["ConnectionStrings__OrdersActors"] = Postgres.ConnectionString(
                    Database, host: $"{_settings.DatabaseAddress}"),
                ["OrdersActors__ClusterId"] = Id,
                ["OrdersActors__AdvertisedAddress"] = $"{address}",
            },
        });
        _servers.Add(server);
        return server;
    }
}
