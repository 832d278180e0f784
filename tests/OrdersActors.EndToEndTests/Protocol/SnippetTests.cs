using OrdersActors.EndToEndTests.Board;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>The unchanged example of the protocol page keeps its guarantee under all faults.</summary>
[Collection(BoardCollection.Name)]
public sealed class SnippetTests(ChromiumFixture chromium)
{
    [Theory]
    [InlineData(SnippetHost.Chromium)]
    [InlineData(SnippetHost.Node)]
    public async Task Example_shows_every_version_once_in_order_when_the_server_is_killed(SnippetHost host)
    {
        await using var server = await ServerProcess.StartAsync();
        await PublishAsync(server, 1);
        await using var example = await SnippetRun.StartAsync(host, chromium, server.BaseAddress, "demo-key", "o-1");
        await example.ExpectAsync(Events(1));
        for (var published = 1; published < 13;)
        {
            await PublishAsync(server, 3);
            await example.ExpectAsync(Events(published += 3));
            // Killed right after the last event is stored; it may or may not have been shown.
            await PublishAsync(server, 2);
            await server.KillAsync();
            await server.StartAgainAsync();
            await PublishAsync(server, 1);
            await example.ExpectAsync(Events(published += 3));
        }
    }

    [Theory]
    [InlineData(SnippetHost.Chromium)]
    [InlineData(SnippetHost.Node)]
    public async Task Example_leaves_a_dead_connection_that_was_not_closed(SnippetHost host)
    {
        await using var server = await ServerProcess.StartAsync();
        await PublishAsync(server, 1);
        await using var proxy = new SwallowingProxy(server.BaseAddress);
        await using var example = await SnippetRun.StartAsync(
            host, chromium, proxy.Address, "demo-key", "o-1", haste: 3);
        await example.ExpectAsync(Events(1));
        proxy.Swallow();
        await PublishAsync(server, 1);
        await example.ExpectAsync(Events(2));
    }

    [Theory]
    [InlineData(SnippetHost.Chromium)]
    [InlineData(SnippetHost.Node)]
    public async Task Example_is_subscribed_after_the_log_becomes_readable_again(SnippetHost host)
    {
        await using var server = await ServerProcess.StartAsync();
        await PublishAsync(server, 1);
        var reads = await HeldReads.BeginAsync(server);
        await using var example = await SnippetRun.StartAsync(host, chromium, server.BaseAddress, "demo-key", "o-1");
        // Long enough for the first connection to be answered or closed, and for a second one.
        await Task.Delay(TimeSpan.FromSeconds(13), TestContext.Current.CancellationToken);
        Assert.Empty(example.Lines);
        reads.Dispose();
        await example.ExpectAsync(Events(1));
        await PublishAsync(server, 1);
        await example.ExpectAsync(Events(2));
    }

    [Theory]
    [InlineData(SnippetHost.Chromium)]
    [InlineData(SnippetHost.Node)]
    public async Task Example_starts_again_after_history_was_rewritten(SnippetHost host)
    {
        await using var server = await ServerProcess.StartAsync();
        await PublishAsync(server, 1);
        await server.StopAsync();
        var database = Path.Combine(server.DataDirectory, "orders.db");
        var backup = await File.ReadAllBytesAsync(database, TestContext.Current.CancellationToken);
        await server.StartAgainAsync();
        await using var example = await SnippetRun.StartAsync(host, chromium, server.BaseAddress, "demo-key", "o-1");
        await PublishAsync(server, 2);
        await example.ExpectAsync(Events(3));

        await server.StopAsync();
        await File.WriteAllBytesAsync(database, backup, TestContext.Current.CancellationToken);
        File.Delete(database + "-wal");
        File.Delete(database + "-shm");
        await server.StartAgainAsync();
        await example.ExpectAsync([.. Events(3), "clear", "event 1"]);
        await PublishAsync(server, 1);
        await example.ExpectAsync([.. Events(3), "clear", "event 1", "event 2"]);
    }

    [Theory]
    [InlineData(SnippetHost.Chromium)]
    [InlineData(SnippetHost.Node)]
    public async Task Example_stops_after_its_key_is_revoked(SnippetHost host)
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = new() { ["OrdersActors__FrontEnd__KeyCheckInterval"] = "00:00:01" },
        });
        var (key, _) = await server.CreateKeyAsync("demo");
        await PublishAsync(server, 1);
        await using var example = await SnippetRun.StartAsync(host, chromium, server.BaseAddress, key, "o-1");
        await example.ExpectAsync(Events(1));
        Assert.Equal(0, (await server.RunAsync("keys", "revoke", key)).ExitCode);
        await example.ExpectAsync("event 1", "stop invalid api_key: the key has been revoked");
        await using var again = await SnippetRun.StartAsync(host, chromium, server.BaseAddress, key, "o-1");
        await again.ExpectAsync("stop invalid api_key: no valid key was given");
    }

    private static async Task PublishAsync(ServerProcess server, int count)
    {
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        for (var i = 0; i < count; i++)
        {
            await service.PublishAsync("demo", "o-1", "moved");
        }
    }

    private static string[] Events(int newest) =>
        [.. Enumerable.Range(1, newest).Select(version => $"event {version}")];
}
