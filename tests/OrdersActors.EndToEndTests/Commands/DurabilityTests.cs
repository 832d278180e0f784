using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>An acknowledged event survives a SIGKILL at any moment.</summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task Order_survives_a_kill_right_after_its_publish_returned()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await server.PublishAsync("demo", "o-2", "created");
        await server.PublishAsync("demo", "o-1", "paid");
        await server.KillAsync();
        await server.StartAgainAsync();

        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await client.SubscribeAsync("o-1");
        using var next = JsonDocument.Parse(await server.RunPublishAsync("demo", "o-1", "shipped"));
        Assert.Equal(3, next.RootElement.GetProperty("version").GetInt64());
        Assert.Equal(4, next.RootElement.GetProperty("sequence").GetInt64());
        await client.WaitForEventsAsync(1);
        var seen = Assert.Single(client.Events);
        Assert.Equal(3, seen.GetProperty("version").GetInt64());
        Assert.Equal("shipped", seen.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Acknowledged_events_survive_each_of_three_kills()
    {
        await using var server = await ServerProcess.StartAsync();
        var ledger = new Ledger(server, "demo");
        for (var round = 0; round < 3; round++)
        {
            var target = ledger.Count + 3;
            using var stop = new CancellationTokenSource();
            var publishers = Enumerable.Range(0, 3)
                .Select(n => ledger.PublishUntilRefusedAsync($"order-{n}", stop.Token)).ToArray();
            await ledger.WaitForAsync(target);
            await server.KillAsync();
            // A pending publish reaches a dead server, or the next one if it retries long enough.
            await server.StartAgainAsync();
            await stop.CancelAsync();
            await Task.WhenAll(publishers);
            await ledger.VerifyAsync();
        }

        await server.KillAsync();
        await server.StartAgainAsync();
        await ledger.VerifyLastAsync();
    }
}
