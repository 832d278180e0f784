using System.Net;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Clustering;

/// <summary>The parts of a server in separate processes: silos without sockets, and front ends without silos.</summary>
public sealed class RoleTests
{
    [Fact]
    public async Task Front_end_serves_the_orders_of_silos_found_through_their_gateway()
    {
        await using var silo = await ServerProcess.StartAsync(
            new ServerSettings { Arguments = ["serve", "--role", "silo"] });
        await using var frontEnd = await ServerProcess.StartAsync(FrontEndOf(silo));
        await silo.PublishAsync("demo", "o-1", "created");
        await using var shopper = await SeedClient.ConnectAsync(frontEnd.WebSocketAddress, "demo-key");
        await shopper.SendAsync(SeedClient.Resume("o-1", 0));
        await using var shop = await SeedClient.ConnectAsync(
            frontEnd.WebSocketAddress, "demo-key", SeedClient.Sign("demo-key", "demo-secret"));
        await shop.SubscribeAsync();
        await frontEnd.RunPublishAsync("demo", "o-1", "paid");
        await shopper.WaitForEventsAsync(2);
        await shop.WaitForEventsAsync(1);
        Assert.Equal(["created", "paid"], shopper.Events.Select(e => e.GetProperty("status").GetString()));
        Assert.Equal(2, shop.Events[0].GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task Clients_of_a_front_end_miss_nothing_while_its_silo_is_killed_and_restarted()
    {
        await using var silo = await ServerProcess.StartAsync(
            new ServerSettings { Arguments = ["serve", "--role", "silo"] });
        await using var frontEnd = await ServerProcess.StartAsync(FrontEndOf(silo));
        await silo.PublishAsync("demo", "o-1", "created");
        await using var client = await SeedClient.ConnectAsync(frontEnd.WebSocketAddress, "demo-key");
        await client.SubscribeAsync("o-1");
        for (var round = 0; round < 2; round++)
        {
            await silo.PublishAsync("demo", "o-1", "before");
            await silo.KillAsync();
            await silo.StartAgainAsync();
            await silo.PublishAsync("demo", "o-1", "after");
        }

        await client.WaitForEventsAsync(4);
        Assert.Equal([2L, 3L, 4L, 5L], client.Events.Select(e => e.GetProperty("version").GetInt64()));
    }

    [Theory]
    [InlineData("STOP")]
    [InlineData("KILL")]
    public async Task Connect_that_no_silo_answers_in_time_is_unavailable_and_closed_with_1013(string signal)
    {
        await using var silo = await ServerProcess.StartAsync(
            new ServerSettings { Arguments = ["serve", "--role", "silo"] });
        await using var frontEnd = await ServerProcess.StartAsync(
            FrontEndOf(silo, ("OrdersActors__FrontEnd__AuthenticationDeadline", "00:00:02")));
        await silo.SignalAsync(signal);
        await using var client = await SeedClient.OpenAsync(frontEnd.WebSocketAddress);
        await client.SendAsync(SeedClient.Connect("demo-key"));
        Assert.Equal(1013, await client.WaitForCloseAsync());
        Assert.All(client.Received, message => Assert.Equal(
            "unavailable", message.GetProperty("data").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Silo_has_no_endpoints_for_browsers()
    {
        await using var silo = await ServerProcess.StartAsync(
            new ServerSettings { Arguments = ["serve", "--role", "silo"] });
        using var http = new HttpClient { BaseAddress = silo.BaseAddress };
        foreach (var path in new[] { "/ws", "/" })
        {
            Assert.Equal(
                HttpStatusCode.NotFound, (await http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
        }

        Assert.Equal(
            HttpStatusCode.OK,
            (await http.GetAsync("/healthz/live", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Draining_server_disconnects_its_clients_gradually()
    {
        await using var server = await ServerProcess.StartAsync(
            new ServerSettings { Variables = new() { ["OrdersActors__FrontEnd__DrainTime"] = "00:00:04" } });
        await server.PublishAsync("demo", "o-1", "created");
        var clients = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key")));
        var stopping = server.StopAsync();
        var closings = clients.Select(
            async client => (Status: await client.WaitForCloseAsync(), At: DateTimeOffset.UtcNow)).ToArray();
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        await Task.WhenAny(closings);
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await http.GetAsync("/healthz/ready", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await http.GetAsync("/ws", TestContext.Current.CancellationToken)).StatusCode);
        var closed = await Task.WhenAll(closings);
        Assert.All(closed, closing => Assert.Equal(1012, closing.Status));
        // A busy machine may make it longer, but not shorter.
        Assert.True(
            closed.Max(c => c.At) - closed.Min(c => c.At) > TimeSpan.FromSeconds(2),
            "All clients were disconnected at once.");
        Assert.Equal(0, (await stopping).ExitCode);
        foreach (var client in clients)
        {
            Assert.Equal("unavailable", client.Received[^1].GetProperty("data").GetProperty("code").GetString());
            await client.DisposeAsync();
        }
    }

    private static ServerSettings FrontEndOf(ServerProcess silo, params (string Name, string Value)[] variables) =>
        new()
        {
            Arguments = ["serve", "--role", "front-end"],
            Variables = new(variables.ToDictionary(variable => variable.Name, variable => variable.Value))
            {
                ["OrdersActors__Gateways"] = $"localhost:{silo.GatewayPort}",
            },
        };
}
