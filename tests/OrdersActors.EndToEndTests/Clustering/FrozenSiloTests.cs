using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using OrdersActors.EndToEndTests.NothingLost;
using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Clustering;

/// <summary>A frozen silo answers nothing and keeps its connections, so its clients get no error.</summary>
[Collection(nameof(CheckedRun))]
public sealed class FrozenSiloTests
{
    private const int Each = 5;

    // Only failing tests wait this long.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Publishers_continue_through_other_silos_and_their_events_stay_ordered_and_unique()
    {
        RequiredPostgres.Check();
        await using var cluster = await ServerCluster.StartAsync();
        // Each service starts with a different gateway, so one of them uses the silo that will freeze.
        var services = await Task.WhenAll(cluster.Gateways.Select((_, i) => cluster.ConnectPublisherAsync(
            configure => configure.Configure<GatewayOptions>(gateway => gateway.PreferredGatewayIndex = i))));
        await Task.WhenAll(services.Select((service, i) => PublishAsync(service, i, 0)));
        await using var shop = await SeedClient.ConnectAsync(
            cluster.Servers[1].WebSocketAddress, "demo-key", SeedClient.Sign("demo-key", "demo-secret"));
        await shop.SendAsync(SeedClient.Resume(null, 0));

        var frozen = cluster.Servers[0];
        await frozen.SignalAsync("STOP");
        await Task.WhenAll(services.Select(async (service, i) =>
        {
            for (var n = 1; n < Each; n++)
            {
                await PublishAsync(service, i, n);
            }
        }));
        await shop.WaitForEventsAsync(Each * services.Length);

        // The calls that the frozen silo received meanwhile are already stored under the same ids, and so are the
        // events that are published twice.
        await frozen.SignalAsync("CONT");
        await Task.WhenAll(services.Select((service, i) => PublishAsync(service, i, Each - 1)));
        await services[0].PublishAsync("demo", "last", "created");
        await shop.WaitForEventsAsync((Each * services.Length) + 1);
        Assert.Equal(
            Enumerable.Range(1, shop.Events.Count), shop.Events.Select(e => e.GetProperty("sequence").GetInt32()));
        Assert.Equal("last", shop.Events[^1].GetProperty("order_id").GetString());
        Assert.All(shop.Events.SkipLast(1).GroupBy(e => e.GetProperty("order_id").GetString()), order =>
            Assert.Equal(
                Enumerable.Range(0, Each).Select(n => $"step-{n}"),
                order.Select(e => e.GetProperty("status").GetString())));
        await Task.WhenAll(services.Select(service => service.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Clients_that_know_the_silos_by_name_leave_an_unresponsive_silo()
    {
        RequiredPostgres.Check();
        await using var cluster = await ServerCluster.StartAsync();
        GatewayAddress[] gateways =
            [.. cluster.Gateways.Select(gateway => new GatewayAddress("localhost", gateway.Port))];
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client => client.UseOrderGateways(cluster.Id, waitForHub: true, gateways));
        using var client = builder.Build();
        await client.StartAsync(TestContext.Current.CancellationToken);
        var grains = client.Services.GetRequiredService<IGrainFactory>();
        Assert.True(await AllAnswerAsync(grains));

        await cluster.Servers[0].SignalAsync("STOP");
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (!await AllAnswerAsync(grains))
        {
            Assert.False(timeout.IsCancellationRequested, "Some calls still go to the frozen silo.");
        }

        // A client that starts now avoids the frozen silo, too.
        await using var command = ServerProcess.Create(new ServerSettings
        {
            Variables = new()
            {
                ["OrdersActors__Gateways"] = string.Join<GatewayAddress>(",", gateways),
                ["OrdersActors__ClusterId"] = cluster.Id,
            },
        });
        Assert.Contains(
            "\"status\":\"created\"", await command.RunPublishAsync("demo", "o-1", "created"),
            StringComparison.Ordinal);
        await client.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Whether all calls succeed. They are spread over all gateways.</summary>
    private static async Task<bool> AllAnswerAsync(IGrainFactory grains)
    {
        Task asked = Task.WhenAll(Enumerable.Range(0, 9).Select(key => grains.GetGrain<IClusterGrain>(key).GetSilos()));
        await asked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return asked.IsCompletedSuccessfully;
    }

    private static Task PublishAsync(PublishingService service, int publisher, int step) =>
        service.Publisher.PublishAsync(
            "demo",
            new OrderStatusEvent { Id = $"{publisher}-{step}", OrderId = $"o-{publisher}", Status = $"step-{step}" });
}
