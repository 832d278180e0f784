using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>The answer to a client that requests events that are no longer kept.</summary>
public sealed class RetentionTests
{
    [Fact]
    public async Task Client_that_was_away_too_long_learns_the_earliest_kept_event()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = new()
            {
                ["OrdersActors__Retention__MaxPerOrganization"] = "10",
                ["OrdersActors__Retention__MaxPerOrder"] = "3",
                ["OrdersActors__Retention__Interval"] = "00:00:01",
            },
        });
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await PublishAsync("old", 5);
        await PublishAsync("busy", 25);
        var signature = SeedClient.Sign("demo-key", "demo-secret");
        await WaitForTrimAsync();

        // The log keeps the newest ten events of the organization and the newest three of an old order.
        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key", signature);
        await client.SendAsync(SeedClient.Resume(null, 0));
        await client.ExpectResumedAsync(null, position: 30, earliest: 21);
        await client.WaitForEventsAsync(10);
        Assert.Equal(
            Enumerable.Range(21, 10).Select(n => (long)n),
            client.Events.Select(e => e.GetProperty("sequence").GetInt64()));

        await using var shopper = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await shopper.SendAsync(SeedClient.Resume("old", 1));
        await shopper.ExpectResumedAsync("old", position: 5, earliest: 3);
        await shopper.SendAsync("""{"type":"subscribe","data":{"order_id":"busy","last":100}}""");
        await shopper.ExpectResumedAsync("busy", position: 25, earliest: 16);
        await shopper.WaitForEventsAsync(3 + 10);

        // A client that requests only kept events has missed nothing.
        await using var recent = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key", signature);
        await recent.SendAsync(SeedClient.Resume(null, 20));
        await recent.ExpectResumedAsync(null, position: 30);
        await recent.WaitForEventsAsync(10);

        async Task PublishAsync(string order, int count) => await service.Publisher.PublishAsync(
            "demo",
            [.. Enumerable.Range(1, count).Select(i => new OrderStatusEvent { OrderId = order, Status = $"s{i}" })],
            TestContext.Current.CancellationToken);

        async Task WaitForTrimAsync()
        {
            for (var isKept = true; isKept;)
            {
                await using var probe = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key", signature);
                await probe.SendAsync(SeedClient.Resume(null, 0));
                await probe.WaitForAsync(messages => messages.Count > 1, "a confirmation");
                isKept = !probe.Received[1].GetRawText().Contains("\"earliest\":21", StringComparison.Ordinal);
            }
        }
    }
}
