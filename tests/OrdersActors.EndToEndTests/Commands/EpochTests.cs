using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>epoch</c> on PostgreSQL. <see cref="RestoreTests"/> has the tests on SQLite.</summary>
public sealed class EpochTests
{
    private const string Order = "o-1";

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task New_epoch_reaches_running_servers_and_is_kept_by_servers_that_start_later()
    {
        RequiredPostgres.Check();
        await using var cluster = await ServerCluster.StartAsync(
            new ClusterSettings { Roles = [ServerRole.All], Environment = "Development" });
        var server = cluster.Servers[0];
        for (var i = 0; i < 3; i++)
        {
            await server.PublishAsync("demo", Order, $"s{i}");
        }

        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await client.SendAsync(SeedClient.Resume(Order, 0));
        var first = await client.ExpectResumedAsync(Order, position: 3);
        Assert.Equal(first, await RunAsync(server, "show"));

        var second = await RunAsync(server, "new");
        Assert.NotEqual(first, second);
        Assert.Equal(
            1012, await client.WaitForCloseAsync().WaitAsync(WaitTimeout, TestContext.Current.CancellationToken));
        await ExpectAllAsync(server, first, second);

        // Nobody who remembers is left: all servers are stopped while the database is restored.
        await server.StopAsync();
        var third = await RunAsync(server, "new");
        Assert.NotEqual(second, third);
        await server.StartAgainAsync();
        Assert.Equal(third, await RunAsync(server, "show"));
        await ExpectAllAsync(server, second, third);
    }

    /// <summary>Expects that a client with a number of an ended epoch gets all events again.</summary>
    private static async Task ExpectAllAsync(ServerProcess server, string ended, string current)
    {
        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await client.SendAsync($$$"""
            {"type":"subscribe","data":{"order_id":"{{{Order}}}","after":3,"epoch":"{{{ended}}}"}}
            """);
        Assert.Equal(current, await client.ExpectResumedAsync(Order, position: 3, earliest: 1));
        await client.WaitForEventsAsync(3);
    }

    private static async Task<string> RunAsync(ServerProcess server, string command)
    {
        var result = await server.RunAsync("epoch", command);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Trim();
    }
}
