using OrdersActors.EndToEndTests.Clients;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>The example of a backend, with the built client.</summary>
internal sealed record NodeBackend(ExampleProcess Process, Uri Address) : IAsyncDisposable
{
    public static async Task<NodeBackend> StartAsync(ServerProcess server, string orders = "o-1")
    {
        await TypeScriptPackage.BuiltAsync();
        var port = ServerProcess.FreePorts(1)[0];
        var process = ExampleProcess.Start(
            "node",
            new Dictionary<string, string>
            {
                ["ORDERS_URL"] = server.WebSocketAddress.AbsoluteUri,
                ["CUSTOMER_ORDERS"] = orders,
                ["PORT"] = $"{port}",
            },
            "node-backend/server.mjs");
        await process.WaitForLinesAsync(1);
        return new NodeBackend(process, new Uri($"http://127.0.0.1:{port}"));
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
