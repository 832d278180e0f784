using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>An event is acknowledged only after the disk has confirmed it.</summary>
public sealed class DiskSyncTests
{
    private const string Syncs = "fdatasync,fsync";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Event_is_not_acknowledged_while_the_disk_does_not_confirm_it()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await service.PublishAsync("demo", "o-1", "created");
        var late = new OrderStatusEvent { OrderId = "o-1", Id = "late", Status = "late" };
        await using (await SystemCallTrace.AttachAsync(server.ProcessId, Syncs, error: "EIO"))
        {
            // The publisher retries until the server has refused it several times.
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
            var publishing = service.Publisher.PublishAsync("demo", late, ended.Token);
            while (!server.Output.Contains("A transaction of", StringComparison.Ordinal) && !publishing.IsCompleted)
            {
                await Task.Delay(20, Cancelled);
            }

            await ended.CancelAsync();
            var e = await Record.ExceptionAsync(() => publishing);
            Assert.True(e is OperationCanceledException or PublishFailedException, $"The answer was {e}");
        }

        Assert.Contains("disk I/O error", server.Output, StringComparison.Ordinal);
        await service.Publisher.PublishAsync("demo", late, Cancelled);
        await service.PublishAsync("demo", "o-1", "paid");
        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await client.SendAsync(SeedClient.Resume("o-1", 0));
        await client.WaitForEventsAsync(3);
        Assert.Equal(["created", "late", "paid"], client.Events.Select(e => e.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Every_acknowledged_group_was_synced()
    {
        const int groups = 50;
        await using var server = await ServerProcess.StartAsync();
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await service.PublishAsync("demo", "o-1", "created");
        await using var trace = await SystemCallTrace.AttachAsync(server.ProcessId, Syncs);
        for (var i = 1; i <= groups; i++)
        {
            // One event at a time is one group.
            var before = trace.Count;
            await service.PublishAsync("demo", "o-1", $"step {i}");
            Assert.True(trace.Count > before, $"Event {i} was acknowledged without a sync");
        }
    }
}
