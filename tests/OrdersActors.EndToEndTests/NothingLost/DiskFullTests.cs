using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>
/// When the disk is full, a publish fails with a clear error, everything else works, and publishing resumes when there
/// is room.
/// </summary>
public sealed class DiskFullTests
{
    private static readonly string Details = $$"""{"text":"{{new string('x', 50_000)}}"}""";

    private readonly HashSet<string> _unknown = ["late"];

    [Fact]
    public async Task Full_disk_fails_publishes_clearly_keeps_subscribers_and_recovers_when_there_is_room()
    {
        using var disk = new SmallDisk(megabytes: 12, ballastMegabytes: 5);
        await using var server = await ServerProcess.StartAsync(
            new ServerSettings { DataDirectory = disk.DataDirectory });
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        var acknowledged = new List<string> { await PublishAsync(service, "created") };
        await using var shopper = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await shopper.SendAsync(SeedClient.Resume("o-1", 0));
        await using var shop = await SeedClient.ConnectAsync(
            server.WebSocketAddress, "demo-key", SeedClient.Sign("demo-key", "demo-secret"));
        await shop.SendAsync(SeedClient.Resume(null, 0));

        await FillAsync(service, acknowledged);
        var refused = await server.RunAsync(
            "publish", "--organization", "demo", "--order", "o-1", "--status", "late", "--id", "late", "--details",
            Details, "--timeout", "1");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the disk is full", refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.TrimEnd().Split('\n'));

        // Subscribers are not disturbed, and new clients can read.
        foreach (var client in new[] { shopper, shop })
        {
            await client.WaitForEventsAsync(acknowledged.Count);
            await client.SendAsync("""{"type":"ping"}""");
            await client.ExpectAsync("""{"type":"pong"}""");
        }

        await CheckHistoryAsync(server, acknowledged);

        disk.MakeRoom();
        for (var i = 0; i < 20; i++)
        {
            acknowledged.Add(await PublishAsync(service, $"after {i}"));
        }

        foreach (var client in new[] { shopper, shop })
        {
            await client.WaitForEventsAsync(acknowledged.Count);
            Assert.Equal(acknowledged, Known(client));
        }

        await server.KillAsync();
        await server.StartAgainAsync();
        await CheckHistoryAsync(server, acknowledged);
    }

    /// <summary>Publishes large events until one is not stored within its timeout.</summary>
    private async Task FillAsync(PublishingService service, List<string> acknowledged)
    {
        while (true)
        {
            var e = Event($"step {acknowledged.Count}");
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await service.Publisher.PublishAsync("demo", e, timeout.Token);
                acknowledged.Add(e.Id);
            }
            catch (Exception failure) when (failure is OperationCanceledException or PublishFailedException)
            {
                // The publisher gave up and does not know whether the event is stored.
                _unknown.Add(e.Id);
                Assert.InRange(acknowledged.Count, 10, 1000);
                return;
            }
        }
    }

    private static async Task<string> PublishAsync(PublishingService service, string status)
    {
        var e = Event(status);
        await service.Publisher.PublishAsync("demo", e, TestContext.Current.CancellationToken);
        return e.Id;
    }

    private static OrderStatusEvent Event(string status) =>
        new() { OrderId = "o-1", Status = status, Details = Details };

    /// <summary>Asserts that the acknowledged events are stored, once and in order, and no others.</summary>
    private async Task CheckHistoryAsync(ServerProcess server, List<string> acknowledged)
    {
        await using var reader = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await reader.SendAsync(SeedClient.Resume("o-1", 0));
        await reader.WaitForEventsAsync(acknowledged.Count);
        Assert.Equal(acknowledged, Known(reader));
    }

    /// <summary>The received ids, without those whose publisher does not know whether they are stored.</summary>
    private IEnumerable<string> Known(SeedClient client) =>
        client.Events.Select(e => e.GetProperty("id").GetString()!).Where(id => !_unknown.Contains(id));
}
