using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

public sealed class AuthenticationTests(RunningServer running)
{
    private const string Connected = """{"type":"connected","data":{"status":"authenticated"}}""";

    [Theory]
    [InlineData("""{"type":"subscribe","data":{}}""")]
    [InlineData("""{"type":"unsubscribe","data":{"order_id":"o-1"}}""")]
    [InlineData("""{"type":"ping"}""")]
    [InlineData("""{"type":"nonsense"}""")]
    public async Task Messages_before_connect_are_answered_with_not_authenticated(string message)
    {
        await using var client = await SeedClient.OpenAsync(running.Address);
        await client.SendAsync(message);
        var error = await client.ExpectErrorAsync("not_authenticated");
        Assert.StartsWith("not authenticated", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        await client.SendAsync(SeedClient.Connect("demo-key"));
        await client.ExpectAsync(Connected);
    }

    [Fact]
    public async Task Unknown_revoked_and_missing_keys_get_the_same_answer_and_can_try_again()
    {
        var (revoked, _) = await running.Server.CreateKeyAsync("revoked");
        Assert.Equal(0, (await running.Server.RunAsync("keys", "revoke", revoked)).ExitCode);
        await using var client = await SeedClient.OpenAsync(running.Address);
        string[] bad =
        [
            SeedClient.Connect("nobody"), SeedClient.Connect(revoked), SeedClient.Connect(""),
            """{"type":"connect","data":{}}""", """{"type":"connect"}""",
            """{"type":"connect","data":{"api_key":null}}""",
            SeedClient.Connect(new string('k', 5000)),
        ];
        foreach (var message in bad)
        {
            await client.SendAsync(message);
        }

        await client.ExpectErrorAsync("invalid_api_key", bad.Length);
        Assert.Single(client.Received.Select(m => m.GetRawText()).Distinct());
        await client.SendAsync(SeedClient.Connect("demo-key"));
        await client.ExpectAsync(Connected);
    }

    [Fact]
    public async Task Bad_signature_is_refused_and_does_not_fall_back_to_the_key()
    {
        await using var client = await SeedClient.OpenAsync(running.Address);
        var good = SeedClient.Sign("demo-key", "demo-secret");
        string[] bad =
        [
            "x", good.Replace("signature=", "sig=", StringComparison.Ordinal), good + ",more=1", good[..^2],
            SeedClient.Sign("other-key", "demo-secret"), SeedClient.Sign("demo-key", "other-secret"),
            SeedClient.Sign("demo-key", "other-secret", DateTimeOffset.UnixEpoch),
        ];
        foreach (var signature in bad)
        {
            await client.SendAsync(SeedClient.Connect("demo-key", signature));
        }

        await client.ExpectErrorAsync("invalid_signature", bad.Length);
        await client.SendAsync(SeedClient.Subscription("subscribe", "o"));
        await client.ExpectErrorAsync("not_authenticated");
    }

    [Fact]
    public async Task Empty_signature_counts_as_no_signature()
    {
        await using var client = await SeedClient.OpenAsync(running.Address);
        await client.SendAsync(SeedClient.Connect("demo-key", ""));
        await client.ExpectAsync(Connected);
        await client.SendAsync(SeedClient.Subscription("subscribe"));
        await client.ExpectErrorAsync("access_denied");
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task Signature_outside_of_the_time_window_has_expired(int seconds)
    {
        await using var client = await SeedClient.OpenAsync(running.Address);
        await client.SendAsync(SeedClient.Connect(
            "demo-key", SeedClient.Sign("demo-key", "demo-secret", DateTimeOffset.UtcNow.AddSeconds(seconds))));
        var error = await client.ExpectErrorAsync("signature_expired");
        Assert.StartsWith(
            "expired authorization_signature", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signature_can_be_added_later_and_stays_valid()
    {
        await using var client = await SeedClient.ConnectAsync(running.Address, "demo-key");
        await client.SendAsync(SeedClient.Subscription("subscribe"));
        await client.ExpectErrorAsync("access_denied");
        await client.SendAsync(SeedClient.Connect("demo-key", "bad"));
        await client.ExpectErrorAsync("invalid_signature");
        await client.SendAsync(SeedClient.Connect("demo-key", SeedClient.Sign("demo-key", "demo-secret")));
        await client.WaitForAsync(
            messages => messages.Count(m => m.GetRawText() == Connected) == 2, "the second confirmation");
        await client.SendAsync(SeedClient.Connect("demo-key"));
        await client.SubscribeAsync();
    }

    [Fact]
    public async Task Another_key_on_an_authenticated_connection_is_an_error_and_changes_nothing()
    {
        var shop = await running.NewShopAsync();
        var order = await running.NewDemoOrderAsync();
        await using var client = await SeedClient.ConnectAsync(running.Address, "demo-key");
        await client.SendAsync(SeedClient.Connect(shop.Key));
        await client.ExpectErrorAsync("already_authenticated");
        await client.SubscribeAsync(order);
    }

    [Fact]
    public async Task Orders_of_others_and_missing_orders_are_denied_alike()
    {
        var shop = await running.NewShopAsync();
        var theirs = await running.NewDemoOrderAsync();
        await using var client = await shop.ConnectAsync();
        await client.SendAsync(SeedClient.Subscription("subscribe", theirs));
        await client.SendAsync(SeedClient.Subscription("subscribe", "there-is-none"));
        await client.ExpectErrorAsync("access_denied", 2);
        var errors = client.Received.Skip(1).Select(m => m.GetProperty("data")).ToArray();
        Assert.Equal([theirs, "there-is-none"], errors.Select(e => e.GetProperty("order_id").GetString()));
        Assert.Equal(errors[0].GetProperty("message").GetString(), errors[1].GetProperty("message").GetString());

        // A signed client may await an order of its own with the same id. It receives only its own events.
        await client.SendAsync(SeedClient.Connect(shop.Key, SeedClient.Sign(shop.Key, shop.Secret)));
        await client.SubscribeAsync(theirs);
        await client.SubscribeAsync();
        await running.Service.PublishAsync("demo", theirs, "secret");
        await shop.PublishAsync(RunningServer.NewOrder(), "own");
        await client.WaitForEventsAsync(1);
        Assert.Equal("own", Assert.Single(client.Events).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Open_feed_of_another_organization_in_the_same_front_end_gives_no_access()
    {
        var shop = await running.NewShopAsync();
        var order = await running.NewDemoOrderAsync();
        await using var owner = await SeedClient.ConnectAsync(running.Address, "demo-key");
        await owner.SubscribeAsync(order);
        await using var other = await shop.ConnectAsync();
        await other.SendAsync(SeedClient.Subscription("subscribe", order));
        await other.ExpectErrorAsync("access_denied");
    }
}
