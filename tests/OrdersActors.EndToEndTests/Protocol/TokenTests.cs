using System.Globalization;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

public sealed class TokenTests(RunningServer running)
{
    [Fact]
    public async Task Token_is_confirmed_with_its_end_and_limits_the_connection_to_its_orders()
    {
        var shop = await running.NewShopAsync();
        var (own, other) = (RunningServer.NewOrder(), RunningServer.NewOrder());
        await shop.PublishAsync(own);
        await shop.PublishAsync(other);
        var end = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1800);
        await using var client = await ConnectAsync(shop, TestToken.ForOrders(shop.Secret, [own], end));
        await client.ExpectAsync(Connected(end));
        await client.SubscribeAsync(own);
        foreach (var denied in (string?[])[other, RunningServer.NewOrder(), null])
        {
            await client.SendAsync(SeedClient.Subscription("subscribe", denied));
        }

        await client.ExpectErrorAsync("access_denied", 3);
        await shop.PublishAsync(other, "hidden");
        await shop.PublishAsync(own, "seen");
        await client.WaitForEventsAsync(1);
        Assert.Equal("seen", Assert.Single(client.Events).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Token_for_the_organization_opens_the_organization()
    {
        var shop = await running.NewShopAsync();
        await using var client = await ConnectAsync(shop, TestToken.ForOrganization(shop.Secret));
        await client.SubscribeAsync();
        await shop.PublishAsync(RunningServer.NewOrder());
        await client.WaitForEventsAsync(1);
        Assert.Equal(1, client.Events[0].GetProperty("sequence").GetInt32());
    }

    [Fact]
    public async Task Wrong_tokens_are_refused_and_a_right_one_may_follow()
    {
        var shop = await running.NewShopAsync();
        var order = RunningServer.NewOrder();
        string[] bad =
        [
            "x", TestToken.ForOrders("another secret", [order]),
            TestToken.ForOrders(shop.Secret, [order], DateTimeOffset.UtcNow.AddHours(25)),
            TestToken.Create(shop.Secret, $$"""{"orders":["{{order}}"]}"""),
            TestToken.Create(shop.Secret, $$"""{"orders":["{{order}}"],"exp":2000000000}""", """{"alg":"none"}"""),
        ];
        await using var client = await SeedClient.OpenAsync(running.Address);
        foreach (var token in bad)
        {
            await client.SendAsync(TestToken.Connect(shop.Key, token));
        }

        await client.ExpectErrorAsync("invalid_token", bad.Length);
        Assert.Equal(bad.Length, client.Received.Select(m => m.GetRawText()).Distinct().Count());
        await client.SendAsync(TestToken.Connect(
            shop.Key, TestToken.ForOrders(shop.Secret, [order], DateTimeOffset.UtcNow.AddMinutes(-1))));
        await client.ExpectErrorAsync("token_expired");
        await client.SendAsync(SeedClient.Subscription("subscribe", order));
        await client.ExpectErrorAsync("not_authenticated");
        await client.SendAsync(TestToken.Connect(shop.Key, TestToken.ForOrders(shop.Secret, [order])));
        await client.SubscribeAsync(order);
    }

    [Fact]
    public async Task Signature_and_token_in_one_connect_exclude_each_other()
    {
        var shop = await running.NewShopAsync();
        await using var client = await SeedClient.OpenAsync(running.Address);
        await client.SendAsync(JsonSerializer.Serialize(new
        {
            type = "connect",
            data = new
            {
                api_key = shop.Key,
                token = TestToken.ForOrganization(shop.Secret),
                authorization_signature = SeedClient.Sign(shop.Key, shop.Secret),
            },
        }));
        var error = await client.ExpectErrorAsync("invalid_message");
        Assert.Contains("token", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_is_warned_and_closed_at_the_end_of_its_token()
    {
        var shop = await running.NewShopAsync();
        var end = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 10);
        await using var client = await ConnectAsync(shop, TestToken.ForOrders(shop.Secret, ["o"], end));
        Assert.Equal(1008, await client.WaitForCloseAsync());
        Assert.True(DateTimeOffset.UtcNow >= end);
        Assert.Equal(
            ["connected", "expiring", "error"], client.Received.Select(m => m.GetProperty("type").GetString()));
        Assert.Equal(Text(end), client.Received[1].GetProperty("data").GetProperty("expires_at").GetString());
        Assert.Equal("token_expired", client.Received[2].GetProperty("data").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Renewed_connection_outlives_its_first_token_and_loses_what_the_new_one_does_not_cover()
    {
        var shop = await running.NewShopAsync();
        var end = DateTimeOffset.UtcNow.AddSeconds(20);
        await using var client = await ConnectAsync(shop, TestToken.ForOrders(shop.Secret, ["kept", "gone"], end));
        await client.SubscribeAsync("kept");
        await client.SubscribeAsync("gone");
        await client.SendAsync(TestToken.Connect(shop.Key, TestToken.ForOrders(shop.Secret, ["kept"])));
        await client.ExpectAsync(
            """{"type":"subscription","data":{"order_id":"gone","scope":"order","status":"unsubscribed"}}""");
        while (DateTimeOffset.UtcNow < end.AddSeconds(3))
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }

        await shop.PublishAsync("gone");
        await shop.PublishAsync("kept");
        await client.WaitForEventsAsync(1);
        Assert.Null(client.CloseStatus);
        Assert.Equal("kept", Assert.Single(client.Events).GetProperty("order_id").GetString());
    }

    [Theory]
    [InlineData(300, 36)]
    [InlineData(500, 20)]
    public async Task Connect_has_room_for_the_documented_number_of_orders(int count, int length)
    {
        var shop = await running.NewShopAsync();
        string[] orders =
        [
            .. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture).PadLeft(length, 'o')),
        ];
        var claims = new { sub = "customer-1", orders, exp = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600 };
        var token = TestToken.Create(
            shop.Secret, JsonSerializer.Serialize(claims), $$"""{"alg":"HS256","typ":"JWT","kid":"{{shop.Key}}"}""");
        await using var client = await ConnectAsync(shop, token);
        await client.SubscribeAsync(orders[^1]);
    }

    [Fact]
    public async Task Customers_whose_subscribe_races_with_the_first_event_see_every_version_once()
    {
        const int checkouts = 1000;
        var shop = await running.NewShopAsync();
        await Parallel.ForAsync(0, 4, TestContext.Current.CancellationToken, async (quarter, _) =>
        {
            var orders = Enumerable.Range(0, checkouts / 4).Select(i => $"{quarter}-{i}").ToArray();
            await using var client = await ConnectAsync(shop, TestToken.ForOrders(shop.Secret, orders));
            foreach (var order in orders)
            {
                var publishing = shop.PublishAsync(order);
                await client.SendAsync(SeedClient.Resume(order, 0));
                await publishing;
            }

            await client.WaitForEventsAsync(orders.Length);
            foreach (var order in orders.Take(10))
            {
                await shop.PublishAsync(order, "paid");
            }

            await client.WaitForEventsAsync(orders.Length + 10);
            var seen = client.Events.Select(
                e => $"{e.GetProperty("order_id").GetString()} {e.GetProperty("version").GetInt32()}");
            Assert.Equal(
                orders.Select(order => $"{order} 1").Concat(orders.Take(10).Select(order => $"{order} 2")).Order(),
                seen.Order());
        });
    }

    private static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Connected(DateTimeOffset end) =>
        $$$"""{"type":"connected","data":{"status":"authenticated","expires_at":"{{{Text(end)}}}"}}""";

    private async Task<SeedClient> ConnectAsync(Shop shop, string token)
    {
        var client = await SeedClient.OpenAsync(running.Address);
        await client.SendAsync(TestToken.Connect(shop.Key, token));
        await client.WaitForAsync(messages => messages.Count > 0, "an answer to the connect");
        Assert.Equal("connected", client.Received[0].GetProperty("type").GetString());
        return client;
    }
}
