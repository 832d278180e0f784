using System.Net;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Clustering;

/// <summary>A server reports when it cannot serve, and its clients do not have to wait for it.</summary>
public sealed class ReadinessTests
{
    // Readiness changes within five seconds, and clients are disconnected within fifteen. A busy machine may take
    // longer.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Front_end_that_loses_all_silos_is_not_ready_disconnects_its_clients_and_recovers()
    {
        await using var silo = await ServerProcess.StartAsync(
            new ServerSettings { Arguments = ["serve", "--role", "silo"] });
        await using var frontEnd = await ServerProcess.StartAsync(FrontEndOf(silo.GatewayPort));
        await silo.PublishAsync("demo", "o-1", "created");
        await using var client = await SeedClient.ConnectAsync(frontEnd.WebSocketAddress, "demo-key");
        await client.SubscribeAsync("o-1");

        await silo.KillAsync();
        await WaitForReadinessAsync(frontEnd, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(
            1013, await client.WaitForCloseAsync().WaitAsync(WaitTimeout, TestContext.Current.CancellationToken));
        await using var next = await SeedClient.OpenAsync(frontEnd.WebSocketAddress);
        Assert.Equal(1013, await next.WaitForCloseAsync());
        Assert.Equal("unavailable", next.Received[^1].GetProperty("data").GetProperty("code").GetString());

        await silo.StartAgainAsync();
        await WaitForReadinessAsync(frontEnd, HttpStatusCode.OK);
        await using var again = await SeedClient.ConnectAsync(frontEnd.WebSocketAddress, "demo-key");
        await again.SendAsync(SeedClient.Resume("o-1", 0));
        await again.WaitForEventsAsync(1);
    }

    [Fact]
    public async Task Front_end_that_never_found_a_silo_answers_and_is_not_ready()
    {
        await using var frontEnd = ServerProcess.Create(FrontEndOf(ServerProcess.FreePorts(1)[0]));
        frontEnd.Launch();
        await WaitForReadinessAsync(frontEnd, HttpStatusCode.ServiceUnavailable);
        using var http = new HttpClient { BaseAddress = frontEnd.BaseAddress };
        Assert.Equal(
            HttpStatusCode.OK,
            (await http.GetAsync("/healthz/live", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Contains("no silo answers", await ReasonAsync(http), StringComparison.Ordinal);
        Assert.False(frontEnd.HasEnded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Servers_without_their_database_are_not_ready_and_keep_their_clients(bool hangs)
    {
        RequiredPostgres.Check();
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles = [ServerRole.Silo, ServerRole.FrontEnd],
            Environment = "Development",
        });
        var (silo, frontEnd) = (cluster.Servers[0], cluster.Servers[1]);
        await silo.PublishAsync("demo", "o-1", "created");
        await using var client = await SeedClient.ConnectAsync(frontEnd.WebSocketAddress, "demo-key");
        await client.SubscribeAsync("o-1");

        await (hangs ? cluster.Postgres.FreezeAsync() : cluster.Postgres.StopAsync());
        await WaitForReadinessAsync(silo, HttpStatusCode.ServiceUnavailable);
        await WaitForReadinessAsync(frontEnd, HttpStatusCode.ServiceUnavailable);
        await ExpectDetailsAsync(silo, "log", "the event log does not answer");
        await ExpectDetailsAsync(frontEnd, "cluster", "the silos cannot reach the event log");

        await (hangs ? cluster.Postgres.ThawAsync() : cluster.Postgres.StartAgainAsync());
        await WaitForReadinessAsync(silo, HttpStatusCode.OK);
        await WaitForReadinessAsync(frontEnd, HttpStatusCode.OK);
        await silo.RunPublishAsync("demo", "o-1", "paid", "--timeout", "60");
        await client.WaitForEventsAsync(1);
        Assert.Equal("paid", client.Events[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Details_list_the_store_the_members_the_listener_and_the_lags()
    {
        RequiredPostgres.Check();
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles = [ServerRole.All, ServerRole.Silo],
        });
        // The first server hears of the second one a moment after the second one is ready.
        using var json = await DetailsAsync(
            cluster.Servers[0],
            checks => ActiveSilos(checks, "membership") == 2 && ActiveSilos(checks, "cluster") == 2);
        Assert.Equal("ready", json.RootElement.GetProperty("status").GetString());
        Assert.False(json.RootElement.GetProperty("draining").GetBoolean());
        Assert.Equal(8, json.RootElement.GetProperty("partitions").GetArrayLength());
        var checks = json.RootElement.GetProperty("checks");
        Assert.True(checks.GetProperty("log").GetProperty("listening").GetBoolean());
        Assert.StartsWith(
            "PostgreSQL, schema ", checks.GetProperty("log").GetProperty("storage").GetString(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", json.RootElement.ToString(), StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = cluster.Servers[1].BaseAddress };
        Assert.Equal(
            HttpStatusCode.OK,
            (await http.GetAsync("/healthz/startup", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Server_that_drains_is_not_ready_and_still_serves()
    {
        await using var server = await ServerProcess.StartAsync(
            new ServerSettings { Variables = new() { ["OrdersActors__FrontEnd__DrainDelay"] = "00:02:00" } });
        await server.PublishAsync("demo", "o-1", "created");
        await using var before = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await before.SubscribeAsync("o-1");

        await server.SignalAsync("TERM");
        await WaitForReadinessAsync(server, HttpStatusCode.ServiceUnavailable);
        using var json = await DetailsAsync(server);
        Assert.True(json.RootElement.GetProperty("draining").GetBoolean());
        await using var late = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await late.SubscribeAsync("o-1");
        await server.PublishAsync("demo", "o-1", "paid");
        await before.WaitForEventsAsync(1);
        await late.WaitForEventsAsync(1);
        await server.KillAsync();
    }

    private static async Task ExpectDetailsAsync(ServerProcess server, string check, string reason)
    {
        using var json = await DetailsAsync(server);
        Assert.Equal("not_ready", json.RootElement.GetProperty("status").GetString());
        Assert.Equal(
            reason, json.RootElement.GetProperty("checks").GetProperty(check).GetProperty("reason").GetString());
    }

    private static int ActiveSilos(JsonElement checks, string check) =>
        checks.GetProperty(check).GetProperty("active_silos").GetInt32();

    private static async Task<JsonDocument> DetailsAsync(ServerProcess server, Func<JsonElement, bool>? expected = null)
    {
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (true)
        {
            using var answer = await http.GetAsync("/healthz/ready?details", timeout.Token);
            var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(timeout.Token));
            if (expected is null || expected(json.RootElement.GetProperty("checks")))
            {
                return json;
            }

            json.Dispose();
            await Task.Delay(100, timeout.Token);
        }
    }

    private static async Task WaitForReadinessAsync(ServerProcess server, HttpStatusCode expected)
    {
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (await StatusAsync(http) != expected)
        {
            await Task.Delay(100, timeout.Token);
        }
    }

    private static async Task<HttpStatusCode?> StatusAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("/healthz/ready");
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<string> ReasonAsync(HttpClient http)
    {
        using var answer = await http.GetAsync("/healthz/ready");
        return await answer.Content.ReadAsStringAsync();
    }

    private static ServerSettings FrontEndOf(int gatewayPort) => new()
    {
        Arguments = ["serve", "--role", "front-end"],
        Variables = new() { ["OrdersActors__Gateways"] = $"localhost:{gatewayPort}" },
    };
}
