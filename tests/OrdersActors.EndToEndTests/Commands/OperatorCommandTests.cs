using System.Text.Json;
using OrdersActors.EndToEndTests.Clustering;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>
/// <c>config show</c>, <c>orders show</c>, <c>tail</c>, <c>partitions</c>, <c>connections</c> and <c>disconnect</c>.
/// </summary>
public sealed class OperatorCommandTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Settings_are_shown_with_their_origins_and_without_secrets()
    {
        using var file = new TempFile("""{"OrdersActors":{"FrontEnd":{"MessageRate":60}}}""");
        await using var server = ServerProcess.Create(new ServerSettings
        {
            Variables =
            {
                ["ConnectionStrings__OrdersActors"] = $"Host=db;Username=orders;Password={PostgresServer.Password}",
                ["OrdersActors__KeyRing__CertificatePassword"] = PostgresServer.Password,
            },
        });
        var result = await server.RunAsync(
            "config", "show", "--json", "--config", file.Path, "--OrdersActors:FrontEnd:MessageBurst=200");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.DoesNotContain(PostgresServer.Password, result.Output, StringComparison.Ordinal);
        var settings = JsonSerializer.Deserialize<JsonElement>(result.Output).EnumerateArray().ToDictionary(
            setting => setting.GetProperty("name").GetString()!,
            setting => (setting.GetProperty("value").GetString()!, setting.GetProperty("origin").GetString()!));
        Assert.Equal(("60", $"file {file.Path}"), settings["OrdersActors:FrontEnd:MessageRate"]);
        Assert.Equal(("200", "command line"), settings["OrdersActors:FrontEnd:MessageBurst"]);
        Assert.Equal(("1000", "default"), settings["OrdersActors:FrontEnd:MaxSubscriptions"]);
        Assert.Equal((server.DataDirectory, "environment"), settings["OrdersActors:DataDirectory"]);
        Assert.Equal(("********", "environment"), settings["OrdersActors:KeyRing:CertificatePassword"]);
        Assert.Contains("Username=orders", settings["ConnectionStrings:OrdersActors"].Item1,
            StringComparison.OrdinalIgnoreCase);

        var table = await server.RunAsync("config", "show", "--changed", "--config", file.Path);
        Assert.Contains("OrdersActors:FrontEnd:MessageRate", table.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("MessageBurst", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Order_is_shown_from_the_database_and_through_a_gateway()
    {
        var server = fixture.Cluster.Servers[0];
        await server.PublishAsync("timeline", "o-1", "created", id: "first");
        await server.PublishAsync("timeline", "o-1", "paid", """{"by":"card"}""");
        var database = await server.RunAsync("orders", "show", "o-1", "--organization", "timeline");
        Assert.True(database.ExitCode == 0, database.ToString());
        Assert.Contains("PostgreSQL database", database.Error, StringComparison.Ordinal);
        Assert.Contains("first", database.Output, StringComparison.Ordinal);
        Assert.Contains("""{"by":"card"}""", database.Output, StringComparison.Ordinal);

        var gateway = await server.RunAsync(
            "orders", "show", "o-1", "--organization", "timeline", "--gateway", $"{server.Gateway}");
        Assert.Equal(database.Output, gateway.Output);
        Assert.Contains($"{server.Gateway}", gateway.Error, StringComparison.Ordinal);
        await Failing.WithOneLineAsync(
            server.RunAsync("orders", "show", "o-2", "--organization", "timeline"), "o-2", "timeline");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tail_prints_the_newest_events_and_then_each_new_one(bool throughGateway)
    {
        var server = fixture.Cluster.Servers[0];
        var organization = $"tail-{throughGateway}";
        await server.PublishAsync(organization, "o-1", "old");
        await server.PublishAsync(organization, "o-1", "newest");
        using var tail = server.StartCommand(
        [
            "tail", "--organization", organization, "--last", "1", "--count", "3", "--json",
            .. throughGateway ? ["--gateway", $"{server.Gateway}"] : Array.Empty<string>(),
        ]);
        var first = await tail.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
            .AsTask().WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        Assert.Contains("newest", first, StringComparison.Ordinal);
        await server.PublishAsync(organization, "o-2", "next");
        await server.PublishAsync(organization, "o-1", "last");
        var rest = await tail.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)
            .WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        await tail.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, tail.ExitCode);
        Assert.Equal(
            [3, 4],
            rest.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(
                line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task Partitions_are_listed_with_their_silos()
    {
        var server = fixture.Cluster.Servers[0];
        await server.PublishAsync("partitioned", "o-1", "created");
        var result = await server.RunAsync("partitions", "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        var partitions = JsonSerializer.Deserialize<JsonElement>(result.Output).EnumerateArray().ToArray();
        Assert.Equal(Enumerable.Range(0, 8), partitions.Select(p => p.GetProperty("partition").GetInt32()));
        Assert.Contains(partitions, p => p.GetProperty("position").GetInt64() > 0);
        Assert.Equal(3, partitions.Select(p => p.GetProperty("home").GetString()).Distinct().Count());
        Assert.All(partitions, p => Assert.StartsWith("127.0.0.1:", p.GetProperty("home").GetString()));
    }

    [Fact]
    public async Task Connections_of_all_front_ends_are_listed_and_closed_by_customer_and_order()
    {
        var cluster = fixture.Cluster;
        var (key, secret) = await cluster.Servers[0].CreateKeyAsync("clients");
        foreach (var order in new[] { "o-1", "o-2" })
        {
            await cluster.Servers[0].PublishAsync("clients", order, "created");
        }

        await using var ann = await ConnectAsync(cluster.Servers[0], key, secret, "ann", "o-1");
        // This one is an Orleans client without a silo.
        await using var bob = await ConnectAsync(cluster.Servers[3], key, secret, "bob", "o-2");
        var listed = await ListAsync(2, "--organization", "clients");
        Assert.Equal(["ann", "bob"], listed.Select(c => c.GetProperty("customer").GetString()).Order());
        Assert.All(listed, c => Assert.Equal("127.0.0.1", c.GetProperty("address").GetString()));
        Assert.All(listed, c => Assert.Equal(key[..8], c.GetProperty("key").GetString()));
        var one = Assert.Single(await ListAsync(1, "--order", "o-2"));
        Assert.Equal("o-2", one.GetProperty("orders")[0].GetString());
        await Failing.WithUsageAsync(cluster.Servers[0].RunAsync("disconnect"), "--all");

        var closed = await cluster.Servers[1].RunAsync("disconnect", "--customer", "bob");
        Assert.True(closed.ExitCode == 0, closed.ToString());
        Assert.Contains("closed 1 connections", closed.Output, StringComparison.Ordinal);
        Assert.Equal(
            1012, await bob.WaitForCloseAsync().WaitAsync(WaitTimeout, TestContext.Current.CancellationToken));
        var left = Assert.Single(await ListAsync(1, "--organization", "clients"));
        Assert.Equal("ann", left.GetProperty("customer").GetString());
    }

    /// <summary>Lists connections until there are so many, because a front end registers every few seconds.</summary>
    private async Task<JsonElement[]> ListAsync(int count, params string[] filter)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var result = await fixture.Cluster.Servers[2].RunAsync(["connections", "--json", .. filter]);
            Assert.True(result.ExitCode == 0, result.ToString());
            var all = JsonSerializer.Deserialize<JsonElement>(result.Output).EnumerateArray()
                .SelectMany(frontEnd => frontEnd.GetProperty("connections").EnumerateArray()).ToArray();
            if (all.Length == count)
            {
                return all;
            }

            Assert.True(waited.Elapsed < WaitTimeout, result.ToString());
        }
    }

    private static async Task<SeedClient> ConnectAsync(
        ServerProcess server, string key, string secret, string customer, string order)
    {
        var token = await server.RunAsync(
            "token", "--api-key", key, "--api-secret", secret, "--order", order, "--customer", customer);
        var client = await SeedClient.OpenAsync(server.WebSocketAddress);
        await client.SendAsync(JsonSerializer.Serialize(
            new { type = "connect", data = new { api_key = key, token = token.Output.Trim() } }));
        await client.WaitForAsync(
            messages => messages.Any(m => m.GetProperty("type").GetString() == "connected"), "connected");
        await client.SubscribeAsync(order);
        return client;
    }
}
