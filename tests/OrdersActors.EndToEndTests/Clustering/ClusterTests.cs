using OrdersActors.EndToEndTests.NothingLost;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Clustering;

/// <summary>Several servers act as one: a change through one of them is effective on all.</summary>
[Collection(nameof(CheckedRun))]
public sealed class ClusterTests(ClusterFixture running) : IClassFixture<ClusterFixture>
{
    private const int Each = 40;

    [Fact]
    public async Task Clients_of_every_server_receive_events_published_through_any_server_once_and_in_order()
    {
        var cluster = running.Cluster;
        var (key, secret) = await cluster.Servers[1].CreateKeyAsync("everywhere");
        var shops = await Task.WhenAll(cluster.FrontEnds.Select(server =>
            SeedClient.ConnectAsync(server.WebSocketAddress, key, SeedClient.Sign(key, secret))));
        await Task.WhenAll(shops.Select(shop => shop.SubscribeAsync()));

        await Task.WhenAll(cluster.Gateways.Select(async (gateway, i) =>
        {
            await using var service = await PublishingService.ConnectAsync([gateway], cluster.Id);
            for (var n = 0; n < Each; n++)
            {
                await service.PublishAsync("everywhere", $"o-{i}", $"step-{n}");
            }
        }));

        var all = Each * cluster.Gateways.Count();
        foreach (var shop in shops)
        {
            await shop.WaitForEventsAsync(all);
            Assert.Equal(Enumerable.Range(1, all), shop.Events.Select(e => e.GetProperty("sequence").GetInt32()));
            Assert.All(shop.Events.GroupBy(e => e.GetProperty("order_id").GetString()), order =>
                Assert.Equal(
                    Enumerable.Range(0, Each).Select(n => $"step-{n}"),
                    order.Select(e => e.GetProperty("status").GetString())));
            await shop.DisposeAsync();
        }
    }

    [Fact]
    public async Task Separate_front_end_serves_clients()
    {
        var cluster = running.Cluster;
        var frontEnd = cluster.Servers.Single(server => server.Role is ServerRole.FrontEnd);
        await cluster.Servers[0].PublishAsync("demo", "o-alone", "created");
        await using var shopper = await SeedClient.ConnectAsync(frontEnd.WebSocketAddress, "demo-key");
        await shopper.SendAsync(SeedClient.Resume("o-alone", 0));
        await shopper.WaitForEventsAsync(1);

        // The command finds the cluster through the front end's settings.
        await frontEnd.RunPublishAsync("demo", "o-alone", "paid");
        await shopper.WaitForEventsAsync(2);
        Assert.Equal(["created", "paid"], shopper.Events.Select(e => e.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Key_created_or_revoked_on_one_server_is_valid_or_revoked_on_all()
    {
        var cluster = running.Cluster;
        var (key, _) = await cluster.Servers[2].CreateKeyAsync("keys");
        foreach (var server in cluster.FrontEnds)
        {
            await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key);
        }

        await using var watching = await SeedClient.ConnectAsync(cluster.Servers[0].WebSocketAddress, key);
        Assert.Equal(0, (await cluster.Servers[1].RunAsync("keys", "revoke", key)).ExitCode);
        Assert.Equal(1008, await watching.WaitForCloseAsync());
    }
}
