using OrdersActors.Benchmarks.Peers.Servers;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks.Peers;

/// <summary>The processes of a peer that serves.</summary>
internal sealed class RunningPeer : IAsyncDisposable
{
    private const string CompressionOn = "OrdersActors__FrontEnd__Compression=true";

    private readonly IAsyncDisposable[] _processes;

    private RunningPeer(LoadTarget target, params IAsyncDisposable[] processes) =>
        (Target, _processes) = (target, processes);

    public LoadTarget Target { get; }

    /// <summary>Starts a peer.</summary>
    /// <param name="peer">A name; <c>orders@PATH</c> is another build of OrdersActors.Server.dll.</param>
    /// <param name="settings">Environment variables of OrdersActors, NAME=VALUE.</param>
    /// <param name="onOutput">Called with every line that OrdersActors prints, from any thread.</param>
    public static Task<RunningPeer> StartAsync(
        string peer, IReadOnlyCollection<string> settings, Action<string>? onOutput = null) =>
        peer.Split('@', 2) is [(PeerNames.Orders or PeerNames.OrdersCompressed) and var name, .. var path]
            ? StartOrdersAsync(path.FirstOrDefault(), settings, name == PeerNames.OrdersCompressed, onOutput)
            : peer == PeerNames.Nats ? StartNatsAsync() : StartPeerAsync(peer);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }
    }

    private static async Task<RunningPeer> StartOrdersAsync(
        string? path, IReadOnlyCollection<string> settings, bool compresses, Action<string>? onOutput)
    {
        var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Environment = "Production",
            Executable = path,
            OnOutput = onOutput,
            Variables = settings.Concat(compresses ? [CompressionOn] : Array.Empty<string>())
                .Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]),
        });
        try
        {
            var (key, secret) = await server.CreateKeyAsync(PublisherProcess.Organization);
            var port = ServerProcess.FreePorts(1)[0];
            var start = PeerProcess.Command("peer-publisher", $"{server.GatewayPort}", $"{port}");
            // As the publishing library recommends to its users.
            start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
            var publisher = await PeerProcess.StartAsync(start);
            return new RunningPeer(
                new LoadTarget(
                    PeerNames.Orders, server.BaseAddress.Port, port, server.ProcessId, publisher.Id, key, secret)
                {
                    Compresses = compresses,
                },
                publisher, server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static async Task<RunningPeer> StartNatsAsync()
    {
        var ports = ServerProcess.FreePorts(2);
        var folder = new TemporaryFolder();
        try
        {
            var process = await PeerProcess.StartAsync(
                await NatsPeer.CommandAsync(folder.Path, ports[0], ports[1]), ports);
            return new RunningPeer(
                new LoadTarget(
                    PeerNames.Nats, ports[0], ports[1], process.Id, PublisherId: null, ApiKey: "", ApiSecret: ""),
                process, folder);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    private static async Task<RunningPeer> StartPeerAsync(string peer)
    {
        var ports = ServerProcess.FreePorts(2);
        var start = peer == PeerNames.Bun
            ? await BunPeer.CommandAsync($"{ports[0]}", $"{ports[1]}")
            : PeerProcess.Command("peer-server", peer, $"{ports[0]}", $"{ports[1]}");
        // Every project of Microsoft.NET.Sdk.Web has this mode by default. OrdersActors sets its own.
        start.Environment["DOTNET_gcServer"] = "1";
        var process = await PeerProcess.StartAsync(start);
        return new RunningPeer(
            new LoadTarget(
                peer, ports[0], ports[1], process.Id, PublisherId: null, PeerAccount.ApiKey, PeerAccount.ApiSecret),
            process);
    }
}
