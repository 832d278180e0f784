using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Publishing;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.Trouble;
using OrdersActors.Checker.World;
using OrdersActors.TestServer;

namespace OrdersActors.Checker;

/// <summary>The environment of a run: supervised servers, organizations with keys, and services that publish.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly List<PublishingService> _services = [];
    private readonly StageServers _servers;
    private readonly Supervisor _supervisor;

    private Stage(StageServers servers, Supervisor supervisor) => (_servers, _supervisor) = (servers, supervisor);

    /// <summary>All servers; each of them is a front end.</summary>
    public IReadOnlyList<ServerProcess> Servers => _servers.All;

    public FrontEnds FrontEnds => new([.. Endpoints.Select(endpoint => new Uri($"ws://{endpoint}/ws"))]);

    /// <summary>The endpoints of all front ends, or that of the load balancer in front of them.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints => LoadBalancer is { } balancer
        ? [balancer.Endpoint]
        : [.. Servers.Select(server => IPEndPoint.Parse(server.BaseAddress.Authority))];

    /// <summary>The load balancer between the clients and the servers; null for none.</summary>
    public HaProxy? LoadBalancer => _servers.Proxy;

    /// <summary>The database of a cluster; null for a single server.</summary>
    public PostgresServer? Postgres => _servers.Cluster?.Postgres;

    /// <summary>The network in which servers can be cut off from each other; null if this machine has none.</summary>
    public ClusterNetwork? Network => _servers.Network;

    /// <summary>
    /// Copies the database, waits, and restores the copy: all commits in between are lost. The servers of a cluster
    /// keep running; a single server is killed, because it has its database open.
    /// </summary>
    public async Task<Rewrite> LoseCommitsAsync(Func<Task> wait)
    {
        var copied = Stopwatch.GetTimestamp();
        if (_servers.Cluster is { Postgres: var postgres } cluster)
        {
            await postgres.CopyAsync();
            var first = await cluster.ReadEpochAsync();
            await wait();
            var last = await cluster.ReadEpochAsync();
            await postgres.KillAsync();
            await postgres.RestoreCopyAsync();
            var restored = Stopwatch.GetTimestamp();
            await postgres.StartAgainAsync();
            return new Rewrite(copied, restored) { Ended = [first, last] };
        }

        using var copy = SqliteCopy.Of(Servers[0].DataDirectory);
        await wait();
        using (await _supervisor.HoldAsync())
        {
            await Servers[0].KillAsync();
            copy.Restore();
            return new Rewrite(copied, Stopwatch.GetTimestamp());
        }
    }

    public Map Map { get; private set; } = new([], 0);

    public IReadOnlyList<PublishingService> Services => _services;

    public static async Task<Stage> BuildAsync(
        CheckOptions options, RunCounts counts, ServerTotalsSum totals, TextWriter output)
    {
        var servers = await StageServers.StartAsync(options, totals, output);
        var supervisor = new Supervisor(
            servers.All,
            () => TimeSpan.FromSeconds(2 * Random.Shared.NextDouble()),
            server =>
            {
                totals.NextProcess(servers.All.IndexOf(server));
                counts.Ended(byItself: server.HasEndedByItself);
            });
        var stage = new Stage(servers, supervisor);
        try
        {
            var shops = new List<Shop>();
            for (var i = 0; i < options.Organizations; i++)
            {
                var (key, secret) = await stage.Servers[i % stage.Servers.Count].CreateKeyAsync($"shop-{i}");
                shops.Add(new Shop(i, $"shop-{i}", key, secret));
            }

            stage.Map = new Map(shops, options.Orders);
            for (var i = 0; i < options.Publishers; i++)
            {
                stage._services.Add(await servers.ConnectPublisherAsync(
                    services => services
                        .AddLogging(logging => logging.AddFilter("OrdersActors.Publishing", LogLevel.Debug))
                        .AddSingleton<ILoggerProvider>(new RetryCounter(counts))));
            }

            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _supervisor.DisposeAsync();
        await Task.WhenAll(_services.Select(service => service.DisposeAsync().AsTask()));
        await _servers.DisposeAsync();
    }
}
