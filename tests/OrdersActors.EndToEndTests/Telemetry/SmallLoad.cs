using OrdersActors.EndToEndTests.Http;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Telemetry;

/// <summary>
/// A little of everything that clients and publishers do, on one server with the demo account. It goes on until it is
/// disposed.
/// </summary>
internal sealed class SmallLoad : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<IAsyncDisposable> _clients = [];
    private readonly ServerProcess _server;
    private readonly PublishingService _service;
    private readonly HttpPublisher _http;
    private Task _running = Task.CompletedTask;

    private SmallLoad(ServerProcess server, PublishingService service)
    {
        (_server, _service) = (server, service);
        _http = new HttpPublisher(server.BaseAddress, "demo-key", "demo-secret");
    }

    /// <summary>Starts the load.</summary>
    /// <param name="server">A server with silo and front end.</param>
    /// <param name="service">A publisher of its cluster. It stays the caller's.</param>
    public static async Task<SmallLoad> StartAsync(ServerProcess server, PublishingService service)
    {
        var load = new SmallLoad(server, service);
        await load.PublishAsync(0);
        var watcher = await load.ConnectAsync(SeedClient.Sign("demo-key", "demo-secret"));
        await watcher.SendAsync(SeedClient.Resume(null, 0));
        var customer = await SeedClient.OpenAsync(server.WebSocketAddress);
        load._clients.Add(customer);
        await customer.SendAsync(TestToken.Connect("demo-key", TestToken.ForOrders("demo-secret", ["o-1"])));
        await customer.SubscribeAsync("o-1");
        load._clients.Add(await StreamClient.OpenAsync(server.BaseAddress, "/v1/orders/o-1"));
        load._running = load.RunAsync();
        return load;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task<SeedClient> ConnectAsync(string? signature = null)
    {
        var client = await SeedClient.ConnectAsync(_server.WebSocketAddress, "demo-key", signature);
        _clients.Add(client);
        return client;
    }

    private async Task RunAsync()
    {
        for (var round = 1; !_stopping.IsCancellationRequested; round++)
        {
            await PublishAsync(round);
            if (round % 10 == 0)
            {
                await ComeAndGoAsync();
            }

            await Task.Delay(Pause, _stopping.Token);
        }
    }

    /// <summary>Publishes with the library, the same event twice, and over HTTP.</summary>
    private async Task PublishAsync(int round)
    {
        var e = new OrderStatusEvent { Id = $"load-{round}", OrderId = "o-1", Status = "paid" };
        await _service.Publisher.PublishAsync("demo", e);
        await _service.Publisher.PublishAsync("demo", e);
        (await _http.PostAsync("""{"order_id":"o-2","status":"paid"}""")).Expect(201);
    }

    /// <summary>A client that resumes and one that is denied, which leave, and one with a wrong key.</summary>
    private async Task ComeAndGoAsync()
    {
        await using (var client = await SeedClient.ConnectAsync(_server.WebSocketAddress, "demo-key"))
        {
            await client.SendAsync(SeedClient.Resume("o-1", 1));
            await client.SendAsync(SeedClient.Subscription("subscribe", "missing"));
            await client.ExpectErrorAsync("access_denied");
            await client.CloseAsync();
        }

        await using var stranger = await SeedClient.OpenAsync(_server.WebSocketAddress);
        await stranger.SendAsync(SeedClient.Connect("wrong"));
        await stranger.ExpectErrorAsync("invalid_api_key");
    }
}
