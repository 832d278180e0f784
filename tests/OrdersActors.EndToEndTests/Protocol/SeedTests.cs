using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>
/// The original specification of the protocol, message by message: the messages of a client that was written from it
/// alone, and the answers.
/// </summary>
public sealed class SeedTests(RunningServer running)
{
    [Fact]
    public async Task Every_message_of_the_seed_gets_the_answer_of_the_seed()
    {
        var order = await running.NewDemoOrderAsync();
        await using var client = await SeedClient.OpenAsync(running.Address);
        var signature = SeedClient.Sign("demo-key", "demo-secret");
        string[] sent =
        [
            """{"type":"connect","data":{"api_key":"demo-key"}}""",
            $$$"""{"type":"connect","data":{"api_key":"demo-key","authorization_signature":"{{{signature}}}"}}""",
            $$$"""{"type":"subscribe","data":{"order_id":"{{{order}}}"}}""",
            """{"type":"subscribe","data":{}}""",
            $$$"""{"type":"unsubscribe","data":{"order_id":"{{{order}}}"}}""",
            """{"type":"unsubscribe","data":{}}""",
        ];
        foreach (var message in sent)
        {
            await client.SendAsync(message);
        }

        string[] expected =
        [
            """{"type":"connected","data":{"status":"authenticated"}}""",
            """{"type":"connected","data":{"status":"authenticated"}}""",
            $$$"""{"type":"subscription","data":{"order_id":"{{{order}}}","scope":"order","status":"subscribed"}}""",
            """{"type":"subscription","data":{"scope":"organization","status":"subscribed"}}""",
            $$$"""{"type":"subscription","data":{"order_id":"{{{order}}}","scope":"order","status":"unsubscribed"}}""",
            """{"type":"subscription","data":{"scope":"organization","status":"unsubscribed"}}""",
        ];
        await client.WaitForAsync(messages => messages.Count >= expected.Length, "six answers");
        Assert.Equal(expected, client.Received.Select(message => message.GetRawText()));
        await client.CloseAsync();
        Assert.Equal(1000, client.CloseStatus);
    }

    [Fact]
    public async Task Order_subscription_receives_live_events_of_its_order_only()
    {
        var shop = await running.NewShopAsync();
        var (order, other) = (RunningServer.NewOrder(), RunningServer.NewOrder());
        await shop.PublishAsync(order);
        await shop.PublishAsync(other);
        await using var client = await shop.ConnectAsync();
        await client.SubscribeAsync(order);
        await shop.PublishAsync(other, "paid");
        await shop.PublishAsync(order, "paid", """{"amount":"12.50"}""");
        await shop.PublishAsync(order, "shipped");
        await client.WaitForEventsAsync(2);

        var first = client.Events[0];
        Assert.Equal(
            ["id", "organization_id", "order_id", "version", "status", "occurred_at", "details"],
            first.EnumerateObject().Select(field => field.Name));
        Assert.Equal(shop.Organization, first.GetProperty("organization_id").GetString());
        Assert.Equal(order, first.GetProperty("order_id").GetString());
        Assert.Equal(2, first.GetProperty("version").GetInt64());
        Assert.Equal("paid", first.GetProperty("status").GetString());
        Assert.EndsWith("Z", first.GetProperty("occurred_at").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"amount":"12.50"}""", first.GetProperty("details").GetRawText());
        Assert.Equal("shipped", client.Events[1].GetProperty("status").GetString());
        Assert.False(client.Events[1].TryGetProperty("details", out _));
        Assert.Equal(2, client.Events.Count);
    }

    [Fact]
    public async Task Organization_subscription_receives_every_event_once_even_beside_an_order_subscription()
    {
        var shop = await running.NewShopAsync();
        var orders = Enumerable.Range(0, 5).Select(_ => RunningServer.NewOrder()).ToArray();
        await shop.PublishAsync(orders[0]);
        await using var client = await shop.ConnectSignedAsync();
        await client.SubscribeAsync(orders[0]);
        await client.SubscribeAsync();
        foreach (var status in (string[])["a", "b", "c", "d"])
        {
            foreach (var order in orders)
            {
                await shop.PublishAsync(order, status);
            }
        }

        await client.WaitForEventsAsync(20);
        Assert.Equal(Enumerable.Range(2, 20), client.Events.Select(e => e.GetProperty("sequence").GetInt32()));
        Assert.Equal(20, client.Events.Select(e => e.GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Unsubscribe_ends_events_and_other_subscriptions_continue()
    {
        var shop = await running.NewShopAsync();
        var (gone, kept) = (RunningServer.NewOrder(), RunningServer.NewOrder());
        await shop.PublishAsync(gone);
        await shop.PublishAsync(kept);
        await using var client = await shop.ConnectAsync();
        await client.SubscribeAsync(gone);
        await client.SubscribeAsync(kept);
        await client.SendAsync(SeedClient.Subscription("unsubscribe", gone));
        await client.ExpectAsync(
            $$$"""{"type":"subscription","data":{"order_id":"{{{gone}}}","scope":"order","status":"unsubscribed"}}""");
        await shop.PublishAsync(gone, "lost");
        await shop.PublishAsync(kept, "seen");
        await client.WaitForEventsAsync(1);
        Assert.Equal("seen", Assert.Single(client.Events).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Order_subscription_still_delivers_after_the_organization_is_unsubscribed()
    {
        var shop = await running.NewShopAsync();
        var order = RunningServer.NewOrder();
        await shop.PublishAsync(order);
        await using var client = await shop.ConnectSignedAsync();
        await client.SubscribeAsync();
        await client.SubscribeAsync(order);
        await shop.PublishAsync(order, "both");
        await client.WaitForEventsAsync(1);
        await client.SendAsync(SeedClient.Subscription("unsubscribe"));
        await shop.PublishAsync(order, "order only");
        await client.WaitForEventsAsync(2);
        Assert.True(client.Events[0].TryGetProperty("sequence", out _));
        Assert.False(client.Events[1].TryGetProperty("sequence", out _));
        Assert.Equal([2, 3], client.Events.Select(e => e.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task Repeated_subscribe_or_unsubscribe_is_confirmed_again_and_changes_nothing()
    {
        var order = await running.NewDemoOrderAsync();
        await using var client = await SeedClient.ConnectAsync(running.Address, "demo-key");
        foreach (var type in (string[])["unsubscribe", "subscribe", "subscribe", "subscribe"])
        {
            await client.SendAsync(SeedClient.Subscription(type, order));
        }

        await client.WaitForAsync(messages => messages.Count == 5, "four confirmations");
        await running.Service.PublishAsync("demo", order, "once");
        await running.Service.PublishAsync("demo", order, "last");
        await client.WaitForAsync(
            messages => messages[^1].GetRawText().Contains("\"last\"", StringComparison.Ordinal), "the last event");
        Assert.Equal(2, client.Events.Count);
    }

    [Fact]
    public async Task Replies_have_the_order_and_the_ids_of_the_requests()
    {
        var order = await running.NewDemoOrderAsync();
        await using var client = await SeedClient.OpenAsync(running.Address);
        await client.SendAsync("""{"type":"subscribe","id":"early","data":{"order_id":"x"}}""");
        await client.SendAsync("""{"type":"connect","id":1,"data":{"api_key":"demo-key"}}""");
        await client.SendAsync($$$"""{"id":"zwei","data":{"order_id":"{{{order}}}"},"type":"subscribe"}""");
        await client.SendAsync("""{"type":"ping","id":-3}""");
        await client.SendAsync("""{"type":"nonsense","id":"4"}""");
        await client.SendAsync("""{"type":"ping"}""");
        await client.WaitForAsync(messages => messages.Count == 6, "six answers");
        Assert.Equal(
            ["\"early\"", "1", "\"zwei\"", "-3", "\"4\"", ""],
            client.Received.Select(m => m.TryGetProperty("id", out var id) ? id.GetRawText() : ""));
        Assert.Equal("""{"type":"pong"}""", client.Received[5].GetRawText());
    }
}
