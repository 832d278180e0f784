using System.Net.WebSockets;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>After a reconnect, a connection can restore the maximum number of subscriptions at once.</summary>
public sealed class ResubscribeTests(RunningServer running)
{
    private const int Most = 1000;

    [Fact]
    public async Task Thousand_subscribes_in_one_burst_are_all_confirmed()
    {
        var shop = await running.NewShopAsync();
        var orders = await PublishAsync(shop);
        await using var client = await shop.ConnectAsync();
        foreach (var order in orders)
        {
            await client.SendAsync(SeedClient.Resume(order, 1));
        }

        await client.WaitForAsync(messages => messages.Count == 1 + Most, "a confirmation for each order");
        AssertConfirmed(orders, client);
        Assert.Equal(WebSocketState.Open, client.Socket.State);
    }

    [Fact]
    public async Task Thousand_orders_in_five_messages_are_all_confirmed_in_order()
    {
        var shop = await running.NewShopAsync();
        var orders = await PublishAsync(shop);
        await using var client = await shop.ConnectAsync();
        foreach (var part in orders.Chunk(200))
        {
            await client.SendAsync(JsonSerializer.Serialize(new
            {
                type = "subscribe",
                data = new { orders = part.Select(order => new { order_id = order, after = 1, epoch = "12345678" }) },
            }));
        }

        await client.WaitForAsync(
            messages => messages.Count(m => m.GetProperty("type").ValueEquals("subscription")) == Most,
            "a confirmation for each order");
        AssertConfirmed(orders, client);
        // The epoch was another one, so each order started again.
        await client.WaitForEventsAsync(Most);
        await shop.PublishAsync(orders[^1], "live");
        await client.WaitForEventsAsync(Most + 1);
    }

    private static void AssertConfirmed(string[] orders, SeedClient client) => Assert.Equal(
        orders,
        client.Received.Where(m => m.GetProperty("type").ValueEquals("subscription"))
            .Select(m => m.GetProperty("data").GetProperty("order_id").GetString()));

    private async Task<string[]> PublishAsync(Shop shop)
    {
        string[] orders = [.. Enumerable.Range(0, Most).Select(_ => RunningServer.NewOrder())];
        await running.Service.Publisher.PublishAsync(
            shop.Organization,
            [.. orders.Select(order => new OrderStatusEvent { OrderId = order, Status = "created" })],
            TestContext.Current.CancellationToken);
        return orders;
    }
}
