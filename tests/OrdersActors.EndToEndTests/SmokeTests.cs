using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests;

public sealed class FirstSteps
{
    [Fact]
    public async Task A_client_that_knows_only_the_seed_sees_an_order_move()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await client.SubscribeAsync("o-1");
        await server.PublishAsync("demo", "o-1", "paid");
        await client.WaitForEventsAsync(1);
        Assert.Equal("paid", client.Events[0].GetProperty("status").GetString());
        await client.CloseAsync();
        Assert.Equal(1000, client.CloseStatus);
        var (exit, _) = await server.StopAsync();
        Assert.Equal(0, exit);
    }
}
