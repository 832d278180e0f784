using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrdersActors.Checker.Publishing;
using OrdersActors.Checker.Reporting;
using OrdersActors.Checker.Trouble;
using OrdersActors.Checker.World;
using OrdersActors.Faults;
using OrdersActors.TestServer;

namespace OrdersActors.Checker;

/// <summary>What a run needs before it begins: a server, organizations with keys, and services that publish.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly List<PublishingService> _services = [];
    private readonly TextWriter _log;

    private Stage(ServerProcess server, Map map, TextWriter log) => (Server, Map, _log) = (server, map, log);

    public ServerProcess Server { get; }

    public Map Map { get; }

    public IReadOnlyList<PublishingService> Services => _services;

    public static async Task<Stage> BuildAsync(CheckOptions options, RunCounts counts, ServerTotalsSum totals)
    {
        var log = options.ServerLog is { } file ? TextWriter.Synchronized(new StreamWriter(file)) : TextWriter.Null;
        // Loaded even where nothing is to go wrong: it also tells what the server's meter counts.
        var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Environment = "Production",
            StartupAssembly = FaultStartup.AssemblyName,
            Variables = FaultVariables.For(options),
            OnOutput = line => (totals.TryRead(line) ? TextWriter.Null : log).WriteLine(line),
        });
        var shops = new List<Shop>();
        for (var i = 0; i < options.Organizations; i++)
        {
            var (key, secret) = await server.CreateKeyAsync($"shop-{i}");
            shops.Add(new Shop(i, $"shop-{i}", key, secret));
        }

        var stage = new Stage(server, new Map(shops, options.Orders), log);
        for (var i = 0; i < options.Publishers; i++)
        {
            stage._services.Add(await PublishingService.ConnectAsync(
                server.GatewayPort, services => services.AddSingleton<ILoggerProvider>(new RetryCounter(counts))));
        }

        return stage;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_services.Select(service => service.DisposeAsync().AsTask()));
        await Server.DisposeAsync();
        await _log.DisposeAsync();
    }
}
