using OrdersActors.TestServer;

[assembly: AssemblyFixture(typeof(OrdersActors.EndToEndTests.RunningServer))]

namespace OrdersActors.EndToEndTests;

/// <summary>
/// One server with default settings, for all tests that need nothing else, and a service that publishes to it.
/// </summary>
public sealed class RunningServer : IAsyncLifetime
{
    private ServerProcess? _server;
    private PublishingService? _service;

    public ServerProcess Server => _server!;

    public PublishingService Service => _service!;

    public Uri Address => Server.WebSocketAddress;

    /// <summary>An order id that no other test uses.</summary>
    public static string NewOrder() => $"o-{Guid.NewGuid():N}";

    /// <summary>Creates an organization of the test, with a key.</summary>
    public async Task<Shop> NewShopAsync()
    {
        var organization = $"shop-{Guid.NewGuid():N}"[..20];
        var (key, secret) = await Server.CreateKeyAsync(organization);
        return new Shop(this, organization, key, secret);
    }

    /// <summary>Creates an order, so that clients can subscribe to it.</summary>
    public async Task<string> NewDemoOrderAsync()
    {
        var order = NewOrder();
        await Service.PublishAsync("demo", order, "created");
        return order;
    }

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync();
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

/// <summary>An organization with a key.</summary>
public sealed record Shop(RunningServer Running, string Organization, string Key, string Secret)
{
    public Task<SeedClient> ConnectAsync() => SeedClient.ConnectAsync(Running.Address, Key);

    public Task<SeedClient> ConnectSignedAsync() =>
        SeedClient.ConnectAsync(Running.Address, Key, SeedClient.Sign(Key, Secret));

    public Task PublishAsync(string order, string status = "created", string? details = null) =>
        Running.Service.PublishAsync(Organization, order, status, details);
}
