using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol.Compression;

/// <summary>A server that agrees to compression, also over HTTP/2, and a service that publishes to it.</summary>
public sealed class CompressingServer : IAsyncLifetime
{
    private ServerProcess? _server;
    private PublishingService? _service;

    /// <summary>The settings of a server that agrees to compression.</summary>
    public static ServerSettings Settings { get; } = new()
    {
        Variables = new() { ["OrdersActors__FrontEnd__Compression"] = "true" },
    };

    public ServerProcess Server => _server!;

    public Uri Address => Server.WebSocketAddress;

    /// <summary>The port for HTTP/2 without TLS.</summary>
    public int Http2Port { get; } = ServerProcess.FreePorts(1)[0];

    /// <summary>Publishes an event of the demo organization whose details have about this many bytes.</summary>
    public Task PublishAsync(string order, string status, int details = 300)
    {
        var note = string.Concat(Enumerable.Range(0, details / 5).Select(n => $"{n % 1000:000}, "));
        return _service!.PublishAsync("demo", order, status, $$"""{"note":"{{note}}"}""");
    }

    /// <summary>Creates an order with one event.</summary>
    public async Task<string> NewOrderAsync()
    {
        var order = RunningServer.NewOrder();
        await PublishAsync(order, "created");
        return order;
    }

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(Settings with { Http2Port = Http2Port });
        _service = await PublishingService.ConnectAsync(_server.GatewayPort);
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
