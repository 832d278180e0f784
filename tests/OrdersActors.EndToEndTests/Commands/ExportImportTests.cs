using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>
/// <c>export</c> and <c>import</c> of an organization into new, empty databases: the numbers are the same, and clients
/// that come from the old server get the right answer.
/// </summary>
public sealed class ExportImportTests : IDisposable
{
    private const string Organization = "acme";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orders-actors-export-");

    [Fact]
    public async Task New_server_has_the_same_numbers_and_clients_resume()
    {
        await using var old = await ServerProcess.StartAsync();
        var events = await FillAsync(old);
        var epoch = await EpochAsync(old);
        var file = await ExportAsync(old, events.Length);

        await using var server = ServerProcess.Create();
        await ImportAsync(server, file, added: events.Length);
        await server.StartAgainAsync();
        Assert.Equal(events, await EventsAsync(server));
        await ExpectClientsResumeAsync(server, epoch, events.Length);
        Assert.Contains(
            $"\"sequence\":{events.Length + 1}", await server.RunPublishAsync(Organization, "o-1", "next"),
            StringComparison.Ordinal);
        await server.StopAsync();
        Assert.DoesNotContain("warn:", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_of_SQLite_moves_to_a_running_cluster_and_back()
    {
        RequiredPostgres.Check();
        await using var old = await ServerProcess.StartAsync();
        var events = await FillAsync(old);
        var epoch = await EpochAsync(old);
        var file = await ExportAsync(old, events.Length);

        await using var cluster = await ServerCluster.StartAsync(
            new ClusterSettings { Roles = [ServerRole.All, ServerRole.All] });
        var server = cluster.Servers[0];
        await server.PublishAsync("other", "o-1", "created");
        await ImportAsync(server, file, added: events.Length);
        Assert.Equal(events, await EventsAsync(server));
        await ExpectClientsResumeAsync(cluster.Servers[1], epoch, events.Length);

        var back = await ExportAsync(server, events.Length);
        await using var last = ServerProcess.Create();
        await ImportAsync(last, back, added: events.Length);
        await last.StartAgainAsync();
        Assert.Equal(events, await EventsAsync(last));
    }

    [Fact]
    public async Task Import_again_does_nothing_also_after_further_events()
    {
        await using var old = await ServerProcess.StartAsync();
        var events = await FillAsync(old);
        var file = await ExportAsync(old, events.Length);
        await using var server = ServerProcess.Create();
        await ImportAsync(server, file, added: events.Length);
        await ImportAsync(server, file, added: 0);

        await server.StartAgainAsync();
        await server.PublishAsync(Organization, "o-1", "next");
        await Failing.WithOneLineAsync(server.RunAsync("import", "--from", file), "in use");
        await server.StopAsync();
        await ImportAsync(server, file, added: 0);
    }

    [Fact]
    public async Task Other_events_of_the_organization_are_a_conflict_that_changes_nothing()
    {
        await using var old = await ServerProcess.StartAsync();
        var events = await FillAsync(old);
        var file = await ExportAsync(old, events.Length);

        await using var few = await ServerProcess.StartAsync();
        await few.PublishAsync(Organization, "mine", "created", id: "my-event");
        await RefusedAsync(few, file, "ends at sequence 1");

        await using var many = await ServerProcess.StartAsync();
        for (var i = 0; i < events.Length; i++)
        {
            await many.PublishAsync(Organization, "mine", "created", id: $"my-event-{i}");
        }

        await RefusedAsync(many, file, "my-event-0", "sequence 1");
    }

    [Fact]
    public async Task Changed_and_incomplete_files_are_refused()
    {
        await using var old = await ServerProcess.StartAsync();
        var events = await FillAsync(old);
        var file = await ExportAsync(old, events.Length);
        await Failing.WithOneLineAsync(
            old.RunAsync("export", "--organization", Organization, "--to", file), "exists");
        await Failing.WithOneLineAsync(
            old.RunAsync("export", "--organization", "nobody", "--to", file + ".none"), "nobody", "no events");
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        var changed = file + ".changed";
        await using var server = ServerProcess.Create();

        await File.WriteAllLinesAsync(changed, lines[..^1], TestContext.Current.CancellationToken);
        await Failing.WithOneLineAsync(server.RunAsync("import", "--from", changed), "incomplete");
        await File.WriteAllLinesAsync(
            changed, [.. lines.Select(line => line.Replace("paid", "free", StringComparison.Ordinal))],
            TestContext.Current.CancellationToken);
        await Failing.WithOneLineAsync(server.RunAsync("import", "--from", changed), $"line {lines.Length}", "hash");
        await File.WriteAllTextAsync(changed, "{}", TestContext.Current.CancellationToken);
        await Failing.WithOneLineAsync(server.RunAsync("import", "--from", changed), "line 1");
        Assert.False(File.Exists(Path.Combine(server.DataDirectory, "orders.db")));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Publishes some events of two orders. Returns all of them as the server has them.</summary>
    private static async Task<string[]> FillAsync(ServerProcess server)
    {
        var (order, other) = ("o-1", "päkët [2]");
        string?[] details = ["""{"price":1.50,"note":"ü \"x\""}""", null, """{"list":[1,2,{"a":null}]}"""];
        for (var i = 0; i < 6; i++)
        {
            await server.PublishAsync(
                Organization, i % 3 == 2 ? other : order, i % 2 == 0 ? "created" : "paid",
                details[i % 3]);
        }

        return await EventsAsync(server);
    }

    /// <summary>All events of the two orders, as JSON.</summary>
    private static async Task<string[]> EventsAsync(ServerProcess server)
    {
        var events = new List<string>();
        foreach (var order in new[] { "o-1", "päkët [2]" })
        {
            var result = await server.RunAsync("orders", "show", order, "--organization", Organization, "--json");
            Assert.True(result.ExitCode == 0, result.ToString());
            events.AddRange(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        return [.. events];
    }

    private static async Task<string> EpochAsync(ServerProcess server) =>
        (await server.RunAsync("epoch", "show")).Output.Trim();

    private async Task<string> ExportAsync(ServerProcess server, int events)
    {
        var file = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.jsonl");
        var result = await server.RunAsync("export", "--organization", Organization, "--to", file, "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        var json = JsonSerializer.Deserialize<JsonElement>(result.Output);
        Assert.Equal(events, json.GetProperty("events").GetInt32());
        Assert.Equal(await EpochAsync(server), json.GetProperty("epoch").GetString());
        return file;
    }

    private static async Task ImportAsync(ServerProcess server, string file, int added)
    {
        var result = await server.RunAsync("import", "--from", file, "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(
            added,
            JsonSerializer.Deserialize<JsonElement>(result.Output).GetProperty("events_added").GetInt32());
    }

    private static async Task RefusedAsync(ServerProcess server, string file, params string[] words)
    {
        var before = await TimelineAsync(server);
        await server.StopAsync();
        await Failing.WithOneLineAsync(
            server.RunAsync("import", "--from", file), [Organization, "conflict", "Nothing was changed", .. words]);
        Assert.Equal(before, await TimelineAsync(server));
        await server.StartAgainAsync();
        Assert.Equal(before, await TimelineAsync(server));
    }

    private static async Task<string> TimelineAsync(ServerProcess server) =>
        (await server.RunAsync("orders", "show", "mine", "--organization", Organization, "--json")).Output;

    /// <summary>
    /// A client with numbers of the old server's epoch must get everything again, with the numbers that it knows. A
    /// client that sends no epoch continues at its number.
    /// </summary>
    private static async Task ExpectClientsResumeAsync(ServerProcess server, string oldEpoch, int events)
    {
        var (key, secret) = await server.CreateKeyAsync(Organization);
        var signature = SeedClient.Sign(key, secret);
        await using (var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key, signature))
        {
            await client.SendAsync($$$"""{"type":"subscribe","data":{"after":3,"epoch":"{{{oldEpoch}}}"}}""");
            Assert.NotEqual(oldEpoch, await client.ExpectResumedAsync(null, position: events, earliest: 1));
            await client.WaitForEventsAsync(events);
            Assert.Equal(
                Enumerable.Range(1, events), client.Events.Select(e => e.GetProperty("sequence").GetInt32()));
        }

        await using (var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key, signature))
        {
            await client.SendAsync(SeedClient.Resume(null, events - 2));
            await client.ExpectResumedAsync(null, position: events);
            await client.WaitForEventsAsync(2);
            Assert.Equal(
                [events - 1, events], client.Events.Select(e => e.GetProperty("sequence").GetInt32()));
        }

        await using (var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key))
        {
            await client.SendAsync(SeedClient.Resume("o-1", 1));
            await client.ExpectResumedAsync("o-1", position: 4);
            await client.WaitForEventsAsync(3);
        }
    }
}
