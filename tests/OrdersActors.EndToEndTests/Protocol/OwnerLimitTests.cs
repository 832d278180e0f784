using System.Text.Json;
using OrdersActors.EndToEndTests.Http;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>Limits of organizations, keys and customers, and of all clients together.</summary>
public sealed class OwnerLimitTests
{
    private static readonly string[] Orders = ["o-1"];

    [Fact]
    public async Task Second_connection_of_a_customer_is_refused_and_another_customer_is_not()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = { ["OrdersActors__FrontEnd__MaxConnectionsPerCustomer"] = "1" },
        });
        await server.PublishAsync("demo", "o-1", "created");
        await using var first = await ConnectAsync(server, "anna");
        await ConnectedAsync(first);
        await using var second = await ConnectAsync(server, "anna");
        Assert.Equal(1013, await second.WaitForCloseAsync());
        var error = second.Received[^1].GetProperty("data");
        Assert.Equal("rate_limited", error.GetProperty("code").GetString());
        Assert.Contains("this customer", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        await using var other = await ConnectAsync(server, "bert");
        await ConnectedAsync(other);

        await using (var stream = await StreamClient.OpenAsync(
            server.BaseAddress, $"/v1/orders/o-1/events?access_token={Token("anna")}", isAnonymous: true))
        {
            var end = await stream.ReadAsync();
            Assert.Equal("end", end!.Name);
            Assert.Equal("rate_limited", end.Json.GetProperty("code").GetString());
        }

        await ConnectAgainAsync(server, first);
    }

    [Fact]
    public async Task Largest_queues_are_cut_when_all_clients_together_hold_too_much()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = { ["OrdersActors__FrontEnd__MaxQueuedBytesInAll"] = $"{2 * 1024 * 1024}" },
        });
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await service.PublishAsync("demo", "big", "created");
        var sleepers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SleeperAsync(server)));
        await using var reader = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await reader.SubscribeAsync("big");
        var details = $$"""{"text":"{{new string('x', 60_000)}}"}""";
        var count = 0;
        // The kernel takes a part of each queue, and how much depends on the machine.
        while (!server.Output.Contains("[1345]", StringComparison.Ordinal) && count < 500)
        {
            await service.PublishAsync("demo", "big", "grown", details);
            count++;
        }

        Assert.Contains("[1345]", server.Output, StringComparison.Ordinal);
        await reader.WaitForEventsAsync(count);
        foreach (var sleeper in sleepers)
        {
            sleeper.Dispose();
        }
    }

    /// <summary>The place is free when the server has noticed the end of the connection.</summary>
    private static async Task ConnectAgainAsync(ServerProcess server, SeedClient first)
    {
        await first.CloseAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            timeout.Token.ThrowIfCancellationRequested();
            await using var again = await ConnectAsync(server, "anna");
            await again.WaitForAsync(messages => messages.Count > 0, "an answer");
            if (again.Received[0].GetProperty("type").GetString() == "connected")
            {
                return;
            }
        }
    }

    /// <summary>A client that never reads.</summary>
    private static async Task<RawWebSocket> SleeperAsync(ServerProcess server)
    {
        var sleeper = new RawWebSocket();
        Assert.StartsWith(
            "HTTP/1.1 101", await sleeper.UpgradeAsync(server.WebSocketAddress), StringComparison.Ordinal);
        await sleeper.SendAsync(SeedClient.Connect("demo-key"));
        await sleeper.SendAsync(SeedClient.Subscription("subscribe", "big"));
        await sleeper.ReadTextAsync();
        await sleeper.ReadTextAsync();
        return sleeper;
    }

    private static async Task<SeedClient> ConnectAsync(ServerProcess server, string customer)
    {
        var client = await SeedClient.OpenAsync(server.WebSocketAddress);
        await client.SendAsync(TestToken.Connect("demo-key", Token(customer)));
        return client;
    }

    private static Task ConnectedAsync(SeedClient client) => client.WaitForAsync(
        messages => messages.Any(message => message.GetProperty("type").GetString() == "connected"), "connected");

    private static string Token(string customer) => TestToken.Create(
        "demo-secret",
        JsonSerializer.Serialize(new
        {
            sub = customer,
            orders = Orders,
            exp = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
        }),
        """{"alg":"HS256","typ":"JWT","kid":"demo-key"}""");
}
