using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>A client never gets a confirmed subscription without events while the log cannot be read.</summary>
public sealed class UnavailableLogTests
{
    [Fact]
    public async Task Subscribe_is_confirmed_after_the_log_becomes_readable_or_closed_with_1013_after_a_timeout()
    {
        // Two intervals without a byte from the client drop a connection, unless the server itself does not read in the
        // meantime.
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = new() { ["OrdersActors__FrontEnd__PingInterval"] = "00:00:04" },
        });
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await service.PublishAsync("demo", "o-1", "created");
        await service.PublishAsync("demo", "o-2", "created");

        await using var patient = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await using var unlucky = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        var reads = await HeldReads.BeginAsync(server);
        await unlucky.SendAsync(SeedClient.Resume("o-1", 0));
        Assert.Equal(1013, await unlucky.WaitForCloseAsync());
        Assert.Equal(
            """{"type":"error","data":{"code":"unavailable","message":"temporarily unavailable: """
            + """a subscribe could not be answered in time; connect again and resume"}}""",
            unlucky.Received[^1].GetRawText());
        Assert.Equal(2, unlucky.Received.Count);

        await patient.SendAsync(SeedClient.Subscription("subscribe", "o-2"));
        await patient.SendAsync("""{"type":"ping"}""");
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Single(patient.Received);
        reads.Dispose();
        await patient.ExpectAsync("""{"type":"pong"}""");
        Assert.Equal(
            """{"type":"subscription","data":{"order_id":"o-2","scope":"order","status":"subscribed"}}""",
            patient.Received[1].GetRawText());
        await service.PublishAsync("demo", "o-2", "paid");
        await patient.WaitForEventsAsync(1);
    }
}
