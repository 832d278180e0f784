using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.Trouble;
using OrdersActors.Faults;
using OrdersActors.TestServer;

namespace OrdersActors.Checker;

/// <summary>
/// The servers of a run: a single server with SQLite, or a cluster, in a network that can be cut if the machine permits
/// it.
/// </summary>
internal sealed class StageServers : IAsyncDisposable
{
    private readonly TextWriter _log;
    private readonly TestAuthority? _authority;
    private readonly TlsFolder? _tls;

    private StageServers(TextWriter log, bool usesTls)
    {
        _log = log;
        if (usesTls)
        {
            _authority = new TestAuthority("checker");
            _tls = new TlsFolder(_authority);
        }
    }

    public List<ServerProcess> All { get; } = [];

    public ServerCluster? Cluster { get; private set; }

    public ClusterNetwork? Network { get; private set; }

    /// <summary>The load balancer between the clients and the servers; null for none.</summary>
    public HaProxy? Proxy { get; private set; }

    public static async Task<StageServers> StartAsync(CheckOptions options, ServerTotalsSum totals, TextWriter output)
    {
        var log = options.ServerLog is { } file ? TextWriter.Synchronized(new StreamWriter(file)) : TextWriter.Null;
        var servers = new StageServers(log, options.Tls);
        try
        {
            await servers.StartAsync(options, (server, line) =>
            {
                if (!totals.TryRead(server, line))
                {
                    log.WriteLine(options.IsCluster ? $"{server}: {line}" : line);
                }
            }, output);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public Task<PublishingService> ConnectPublisherAsync(Action<IServiceCollection> configure) => Cluster is not null
        ? Cluster.ConnectPublisherAsync(configure)
        : PublishingService.ConnectAsync(All[0].GatewayPort, configure, _tls?.Publisher);

    public async ValueTask DisposeAsync()
    {
        await (Proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Cluster?.DisposeAsync() ?? (All.Count > 0 ? All[0].DisposeAsync() : ValueTask.CompletedTask));
        Network?.Dispose();
        _tls?.Dispose();
        _authority?.Dispose();
        await _log.DisposeAsync();
    }

    private async Task StartAsync(CheckOptions options, Action<int, string> onOutput, TextWriter output)
    {
        // The assembly is loaded even if no faults are injected, because it also prints the totals of the server's
        // meter.
        var variables = FaultVariables.For(options);
        if (!options.IsCluster)
        {
            All.Add(await ServerProcess.StartAsync(new ServerSettings
            {
                Environment = "Production",
                StartupAssembly = FaultStartup.AssemblyName,
                Variables = new(variables.Concat(_tls?.Variables ?? [])),
                OnOutput = line => onOutput(0, line),
            }));
            return;
        }

        if (TroubleKinds.RoundOf(options).Contains(TroubleKind.NetworkCut))
        {
            (Network, var whyNot) = ClusterNetwork.TryCreate(options.Servers + options.FrontEnds);
            output.WriteLine(Network is null
                ? $"the network is never cut, because this machine does not permit it: {whyNot}"
                : $"network {Network}");
        }

        variables["OrdersActors__FrontEnd__DrainTime"] = "00:00:02";
        if (options.HaProxy)
        {
            variables["OrdersActors__FrontEnd__DrainDelay"] = "00:00:05";
            variables["OrdersActors__FrontEnd__KnownProxies"] = "127.0.0.1";
        }

        Cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles =
            [
                .. Enumerable.Repeat(ServerRole.All, options.Servers),
                .. Enumerable.Repeat(ServerRole.FrontEnd, options.FrontEnds),
            ],
            Environment = "Production",
            Executable = options.PreviousServer,
            StartupAssembly = FaultStartup.AssemblyName,
            Variables = variables,
            Network = Network,
            Tls = _tls,
            OnOutput = onOutput,
        });
        All.AddRange(Cluster.Servers);
        if (options.HaProxy)
        {
            // The clients of the run, and those that read the history at its end.
            Proxy = await HaProxy.StartAsync(
                All, options.Clients + (10 * options.Organizations), line => _log.WriteLine($"haproxy: {line}"));
        }
    }
}
