using Orleans.Providers.Streams.Common;
using OrdersActors.EndToEndTests.NothingLost;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Clustering;

/// <summary>A growing cluster spreads its work over all silos.</summary>
[Collection(nameof(CheckedRun))]
public sealed class GrowingTests
{
    // The default number of partitions of a new database.
    private const int Partitions = 8;

    // The time documented for operators: half a minute.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private static readonly string[] Shops = [.. Enumerable.Range(1, 12).Select(i => $"shop-{i}")];

    [Fact]
    public async Task Joining_silo_takes_its_share_and_organizations_continue()
    {
        RequiredPostgres.Check();
        await using var cluster = await ServerCluster.StartAsync(
            new ClusterSettings { Roles = [ServerRole.All, ServerRole.Silo] });
        await using var service = await cluster.ConnectPublisherAsync();
        var management = service.Grains.GetGrain<IManagementGrain>(0);
        await WaitForPartitionsAsync(management, 4, 4);
        var clients = await Task.WhenAll(Shops.Select(shop => SubscribeAsync(cluster.Servers[0], shop)));
        using var stop = new CancellationTokenSource();
        var publishing = PublishAsync(service, stop.Token);
        await WaitForOrganizationsAsync(management, silos: 2);

        await cluster.AddAsync();
        await WaitForPartitionsAsync(management, 2, 3, 3);
        await WaitForOrganizationsAsync(management, silos: 3);
        await stop.CancelAsync();
        var published = await publishing;

        foreach (var client in clients)
        {
            await client.WaitForAsync(_ => client.Events.Count >= published, $"{published} events");
            Assert.Equal(
                Enumerable.Range(1, published), client.Events.Select(e => e.GetProperty("sequence").GetInt32()));
            await client.DisposeAsync();
        }
    }

    private static async Task<SeedClient> SubscribeAsync(ServerProcess server, string shop)
    {
        var (key, secret) = await server.CreateKeyAsync(shop);
        var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key, SeedClient.Sign(key, secret));
        await client.SubscribeAsync();
        return client;
    }

    /// <summary>Publishes to the shops in turn. Returns the number of events per shop.</summary>
    private static async Task<int> PublishAsync(PublishingService service, CancellationToken stop)
    {
        var rounds = 0;
        for (; !stop.IsCancellationRequested; rounds++)
        {
            foreach (var shop in Shops)
            {
                await service.PublishAsync(shop, $"{shop}/1", $"step-{rounds}");
            }

            await Task.Delay(100, CancellationToken.None);
        }

        return rounds;
    }

    /// <summary>Waits until the silos own these numbers of partitions.</summary>
    private static Task WaitForPartitionsAsync(IManagementGrain management, params int[] shares)
    {
        Assert.Equal(Partitions, shares.Sum());
        return WaitAsync<int>(
            async () => (await management.SendControlCommandToProvider<PersistentStreamProvider>(
                OrderStreams.ProviderName, (int)PersistentStreamProviderCommand.GetNumberRunningAgents,
                null)).Select(n => (int)n!).Order(),
            agents => agents.SequenceEqual(shares),
            agents => $"the silos pull from {string.Join(", ", agents)} partitions");
    }

    /// <summary>Waits until the organizations' grains are spread over this many silos.</summary>
    private static Task WaitForOrganizationsAsync(IManagementGrain management, int silos) =>
        WaitAsync<DetailedGrainStatistic>(
            async () => (await management.GetDetailedGrainStatistics())
                .Where(grain => grain.GrainId.Type.ToString() == "organization"),
            grains => grains.Select(grain => grain.SiloAddress).Distinct().Count() == silos,
            grains => $"the organizations are at {string.Join(", ", grains.Select(grain => grain.SiloAddress))}");

    private static async Task WaitAsync<T>(
        Func<Task<IEnumerable<T>>> ask, Predicate<IEnumerable<T>> isFine, Func<IEnumerable<T>, string> describe)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        T[] answer;
        while (!isFine(answer = [.. await ask()]))
        {
            Assert.False(timeout.IsCancellationRequested, describe(answer));
            await Task.Delay(200, CancellationToken.None);
        }
    }
}
