using Orleans.Providers.Streams.Common;
using OrdersActors.EndToEndTests.NothingLost;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Clustering;

/// <summary>A cluster that grows shares its work.</summary>
[Collection(nameof(CheckedRun))]
public sealed class GrowingTests
{
    // The number that a new database gets.
    private const int Partitions = 8;

    // What is promised to operators: half a minute.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_silo_that_joins_takes_its_part_and_organizations_go_on()
    {
        RequiredPostgres.Check();
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings { Roles = [ServerRole.All, ServerRole.Silo] });
        await using var service = await cluster.ConnectPublisherAsync();
        var management = service.Grains.GetGrain<IManagementGrain>(0);
        await WaitForPartitionsAsync(management, silos: 2);
        await using var shop = await SeedClient.ConnectAsync(
            cluster.Servers[0].WebSocketAddress, "demo-key", SeedClient.Sign("demo-key", "demo-secret"));
        await shop.SubscribeAsync();

        var joining = cluster.AddAsync();
        for (var i = 0; !joining.IsCompleted; i++)
        {
            await service.PublishAsync("demo", "o-1", $"step-{i}");
        }

        await joining;
        await WaitForPartitionsAsync(management, silos: 3);
        await service.PublishAsync("demo", "o-1", "last");
        await shop.WaitForAsync(_ => shop.Events is [.., var last] && last.GetProperty("status").ValueEquals("last"u8), "the last event");
        Assert.Equal(Enumerable.Range(1, shop.Events.Count), shop.Events.Select(e => e.GetProperty("sequence").GetInt32()));
    }

    /// <summary>Waits until so many silos pull, each partition by one of them. Orleans' ring shares them out by chance.</summary>
    private static async Task WaitForPartitionsAsync(IManagementGrain management, int silos)
    {
        using var timeout = new CancellationTokenSource(Patience);
        int[] agents = [];
        do
        {
            Assert.False(timeout.IsCancellationRequested, $"the silos pull from {string.Join(", ", agents)} partitions");
            await Task.Delay(200, CancellationToken.None);
            agents = Array.ConvertAll(
                await management.SendControlCommandToProvider<PersistentStreamProvider>(
                    OrderStreams.ProviderName, (int)PersistentStreamProviderCommand.GetNumberRunningAgents, null),
                count => (int)count!);
        }
        while (agents.Length < silos || agents.Sum() != Partitions);
    }
}
