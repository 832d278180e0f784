using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Publishing;

/// <summary>Web applications that publish, and a server that may be down.</summary>
public sealed class ShopTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Shop_serves_while_the_hub_is_down_and_publishes_when_it_is_back()
    {
        await using var hub = ServerProcess.Create();
        await using var shop = Shop.Build(builder => builder.Services.AddOrderStatusPublisher(options =>
        {
            options.Gateways.Add(new GatewayAddress("localhost", hub.GatewayPort));
            options.RetryFor = Long;
        }));
        await shop.StartAsync();
        var publishing = PublishAsync(shop.Publisher, "down-1");
        Assert.False(publishing.IsCompleted);
        await hub.StartAgainAsync();
        await publishing;

        await hub.KillAsync();
        var again = PublishAsync(shop.Publisher, "down-1");
        await hub.StartAgainAsync();
        await again;
        Assert.Equal(3, await VersionOfNextAsync(hub, "demo", "down-1"));
        Assert.DoesNotContain(shop.Log, line => line.Contains(" Orleans", StringComparison.Ordinal)
            && !line.StartsWith("Debug", StringComparison.Ordinal)
            && !line.StartsWith("Trace", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Shop_with_its_own_client_serves_while_the_hub_is_down_and_publishes_when_it_is_back()
    {
        await using var hub = ServerProcess.Create();
        await using var shop = Shop.Build(builder =>
        {
            builder.UseOrleansClient(client => client
                .UseOrderGateways("orders-actors", new GatewayAddress("localhost", hub.GatewayPort))
                .AddOrderStreams());
            builder.Services.AddOrderStatusPublisher(options => options.RetryFor = Long);
        });
        await shop.StartAsync();
        var publishing = PublishAsync(shop.Publisher, "own-1");
        Assert.False(publishing.IsCompleted);
        await hub.StartAgainAsync();
        await publishing;

        await hub.KillAsync();
        var again = PublishAsync(shop.Publisher, "own-1");
        await hub.StartAgainAsync();
        await again;
        Assert.Equal(3, await VersionOfNextAsync(hub, "demo", "own-1"));
    }

    [Fact]
    public async Task Publish_before_the_application_starts_succeeds()
    {
        await using var hub = await ServerProcess.StartAsync();
        await using var shop = Shop.Build(builder =>
        {
            builder.Services.AddHostedService<Seeder>();
            builder.Services.AddOrderStatusPublisher(options =>
                options.Gateways.Add(new GatewayAddress("127.0.0.1", hub.GatewayPort)));
        });
        await PublishAsync(shop.Publisher, "early-1");
        await shop.StartAsync();
        Assert.Equal(2, await VersionOfNextAsync(hub, "demo", "early-1"));
        Assert.Equal(2, await VersionOfNextAsync(hub, "demo", "seeded-1"));
    }

    [Fact]
    public async Task Shop_publishes_to_two_hubs()
    {
        await using var first = await ServerProcess.StartAsync();
        await using var second = await ServerProcess.StartAsync(
            new ServerSettings { Variables = { ["OrdersActors__ClusterId"] = "hub-b" } });
        await using var shop = Shop.Build(builder =>
        {
            builder.Services.AddOrderStatusPublisher(options =>
                options.Gateways.Add(new GatewayAddress("127.0.0.1", first.GatewayPort)));
            builder.Services.AddOrderStatusPublisher("b", options =>
            {
                options.ClusterId = "hub-b";
                options.Gateways.Add(new GatewayAddress("127.0.0.1", second.GatewayPort));
            });
        });
        await shop.StartAsync();
        await PublishAsync(shop.Publisher, "two-1");
        await PublishAsync(shop.Services.GetRequiredKeyedService<IOrderStatusPublisher>("b"), "two-2");
        Assert.Equal(2, await VersionOfNextAsync(first, "demo", "two-1"));
        Assert.Equal(1, await VersionOfNextAsync(first, "demo", "two-2"));
        Assert.Equal(
            2, await VersionOfNextAsync(second, "demo", "two-2", "--gateway", $"127.0.0.1:{second.GatewayPort}"));
    }

    [Fact]
    public async Task Shop_that_is_itself_a_silo_publishes()
    {
        await using var hub = await ServerProcess.StartAsync();
        var ports = ServerProcess.FreePorts(2);
        await using var shop = Shop.Build(builder =>
        {
            builder.UseOrleans(silo => silo.UseLocalhostClustering(ports[0], ports[1]));
            builder.Services.AddOrderStatusPublisher(options =>
                options.Gateways.Add(new GatewayAddress("127.0.0.1", hub.GatewayPort)));
        });
        await shop.StartAsync();
        await PublishAsync(shop.Publisher, "silo-1");
        Assert.Equal(2, await VersionOfNextAsync(hub, "demo", "silo-1"));
    }

    [Fact]
    public async Task Shop_that_is_itself_a_client_of_another_cluster_publishes()
    {
        await using var hub = await ServerProcess.StartAsync();
        var ports = ServerProcess.FreePorts(2);
        await using var other = Shop.Build(builder =>
            builder.UseOrleans(silo => silo.UseLocalhostClustering(ports[0], ports[1])));
        await other.StartAsync();
        await using var shop = Shop.Build(builder =>
        {
            builder.UseOrleansClient(client => client.UseLocalhostClustering(ports[1]));
            builder.Services.AddOrderStatusPublisher(options =>
                options.Gateways.Add(new GatewayAddress("127.0.0.1", hub.GatewayPort)));
        });
        await shop.StartAsync();
        await PublishAsync(shop.Publisher, "client-of-other-1");
        Assert.Equal(2, await VersionOfNextAsync(hub, "demo", "client-of-other-1"));
        // The application's own client still calls its own cluster.
        Assert.Equal(ports[0], await SiloPortAsync(shop.Services.GetRequiredService<IGrainFactory>()));
    }

    [Fact]
    public async Task Client_of_an_application_that_has_not_started_fails_as_documented()
    {
        await using var hub = await ServerProcess.StartAsync();
        using var host = BuildClient(hub.GatewayPort, TimeSpan.Zero);
        await Assert.ThrowsAsync<PublishFailedException>(() =>
            PublishAsync(host.Services.GetRequiredService<IOrderStatusPublisher>(), "client-1"));
        await host.StartAsync(TestContext.Current.CancellationToken);
        await PublishAsync(host.Services.GetRequiredService<IOrderStatusPublisher>(), "client-1");
        await host.StopAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<PublishFailedException>(() =>
            PublishAsync(host.Services.GetRequiredService<IOrderStatusPublisher>(), "client-1")
                .WaitAsync(Long, TestContext.Current.CancellationToken));
    }

    /// <summary>The port of the only silo of the cluster.</summary>
    private static async Task<int> SiloPortAsync(IGrainFactory grains) =>
        (await grains.GetGrain<IManagementGrain>(0).GetHosts()).Keys.Single().Endpoint.Port;

    private static IHost BuildClient(int port, TimeSpan retryFor)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client => client
            .UseOrderGateways("orders-actors", waitForHub: true, new GatewayAddress("127.0.0.1", port))
            .AddOrderStreams());
        builder.Services.AddOrderStatusPublisher(options => options.RetryFor = retryFor);
        return builder.Build();
    }

    private static Task PublishAsync(IOrderStatusPublisher publisher, string order) => publisher.PublishAsync(
        "demo", new OrderStatusEvent { OrderId = order, Status = "paid" }, TestContext.Current.CancellationToken);

    private static async Task<int> VersionOfNextAsync(
        ServerProcess hub, string organization, string order, params string[] more)
    {
        using var json = System.Text.Json.JsonDocument.Parse(
            await hub.RunPublishAsync(organization, order, "next", more));
        return json.RootElement.GetProperty("version").GetInt32();
    }

    private sealed class Seeder(IOrderStatusPublisher publisher) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => PublishAsync(publisher, "seeded-1");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
