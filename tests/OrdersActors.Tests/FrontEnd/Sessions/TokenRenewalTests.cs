using System.Text.Json;
using OrdersActors.Grains.Authentication;
using OrdersActors.Storage;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

/// <summary>A further connect on a connection that has subscriptions.</summary>
public sealed class TokenRenewalTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    [Fact]
    public async Task Renewal_ends_only_what_the_new_token_no_longer_covers()
    {
        var key = await NewKeyAsync();
        await using var client = await ConnectAsync(key, TestToken.ForOrders(key.Secret, ["kept", "gone"]));
        await SubscribeAsync(client, "kept", "gone");
        await client.HandleAsync(TestToken.Connect(key.Key, TestToken.ForOrders(key.Secret, ["kept", "new"])));
        await SubscribeAsync(client, "new", "gone");
        string[] expected =
        [
            "connected", "kept subscribed", "gone subscribed", "connected", "gone unsubscribed", "new subscribed",
            "gone access_denied",
        ];
        await Eventually.Equal(expected, () => client.Replies.Select(Describe));
        Assert.Equal(2, client.Subscriptions.Count);
        foreach (var order in (string[])["gone", "kept", "new"])
        {
            await cluster.AppendAsync(_shop, order);
        }

        await cluster.AppendAsync(_shop, "kept");
        await Eventually.Equal(["kept 1", "kept 2", "new 1"], () => client.Events.Order());
    }

    [Fact]
    public async Task Renewal_misses_and_repeats_no_event()
    {
        var key = await NewKeyAsync();
        await using var client = await ConnectAsync(key, TestToken.ForOrders(key.Secret, ["o"]));
        await SubscribeAsync(client, "o");
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await cluster.AppendAsync(_shop, "o");
            }
        }, TestContext.Current.CancellationToken);
        while (!publishing.IsCompleted)
        {
            await client.HandleAsync(TestToken.Connect(key.Key, TestToken.ForOrders(key.Secret, ["o"])));
        }

        await publishing;
        await Eventually.Equal(Numbers(1, 200), () => client.Versions);
        Assert.DoesNotContain(client.Replies, reply => reply.Contains("unsubscribed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Organization_wide_subscription_ends_when_a_token_covers_only_an_order_which_continues()
    {
        var key = await NewKeyAsync();
        await using var client = await ConnectAsync(key, TestToken.ForOrganization(key.Secret));
        await client.HandleAsync("""{"type":"subscribe","data":{}}""");
        await SubscribeAsync(client, "o");
        await cluster.AppendAsync(_shop, "o");
        await cluster.AppendAsync(_shop, "p");
        await Eventually.Equal(["o 1", "p 1"], () => client.Events);
        await client.HandleAsync(TestToken.Connect(key.Key, TestToken.ForOrders(key.Secret, ["o"])));
        await cluster.AppendAsync(_shop, "p");
        await cluster.AppendAsync(_shop, "o");
        await Eventually.Equal(["o 1", "p 1", "o 2"], () => client.Events);
        Assert.Equal(
            ["connected", "organization subscribed", "o subscribed", "connected", "organization unsubscribed"],
            client.Replies.Select(Describe));
    }

    [Fact]
    public async Task Bad_renewal_fails_as_a_whole_and_changes_nothing()
    {
        var key = await NewKeyAsync();
        await using var client = await ConnectAsync(key, TestToken.ForOrders(key.Secret, ["o"]));
        await SubscribeAsync(client, "o");
        await client.HandleAsync(TestToken.Connect(key.Key, TestToken.ForOrders("another secret", ["p"])));
        await client.HandleAsync(TestToken.Connect(
            key.Key, TestToken.ForOrders(key.Secret, ["p"], DateTimeOffset.UtcNow.AddMinutes(-1))));
        await SubscribeAsync(client, "p", "o");
        await cluster.AppendAsync(_shop, "o");
        await Eventually.Equal(["o 1"], () => client.Events);
        Assert.Equal(
            ["connected", "o subscribed", "invalid_token", "token_expired", "p access_denied", "o subscribed"],
            client.Replies.Select(Describe));
    }

    [Fact]
    public async Task Token_on_an_open_key_ends_the_subscriptions_that_it_does_not_cover()
    {
        var key = await NewKeyAsync();
        await cluster.AppendAsync(_shop, "open");
        await using var client = new RequestClient(cluster);
        await client.HandleAsync($$$"""{"type":"connect","data":{"api_key":"{{{key.Key}}}"}}""");
        await SubscribeAsync(client, "open");
        await client.HandleAsync(TestToken.Connect(key.Key, TestToken.ForOrders(key.Secret, ["o"])));
        await SubscribeAsync(client, "open", "o");
        await Eventually.Equal(
            [
                "connected", "open subscribed", "connected", "open unsubscribed", "open access_denied",
                "o subscribed",
            ],
            () => client.Replies.Select(Describe));
    }

    [Fact]
    public async Task Signed_connection_keeps_its_signature_when_a_token_is_added()
    {
        var key = await NewKeyAsync();
        var signature = AuthorizationSignature.Create(key.Key, key.Secret, DateTimeOffset.UtcNow);
        await using var client = new RequestClient(cluster);
        await client.HandleAsync(JsonSerializer.Serialize(
            new { type = "connect", data = new { api_key = key.Key, authorization_signature = signature } }));
        await client.HandleAsync("""{"type":"subscribe","data":{}}""");
        await client.HandleAsync(TestToken.Connect(key.Key, TestToken.ForOrders(key.Secret, ["o"])));
        await SubscribeAsync(client, "p");
        await Eventually.Equal(
            ["connected", "organization subscribed", "connected", "p subscribed"],
            () => client.Replies.Select(Describe));
    }

    private static string Describe(string reply)
    {
        var message = JsonElement.Parse(reply);
        var data = message.GetProperty("data");
        var order = data.TryGetProperty("order_id", out var id) ? id.GetString() + " " : "";
        return message.GetProperty("type").GetString() switch
        {
            "error" => order + data.GetProperty("code").GetString(),
            "subscription" => $"{(order.Length > 0 ? order : "organization ")}{data.GetProperty("status").GetString()}",
            var type => type!,
        };
    }

    private static async Task SubscribeAsync(RequestClient client, params string[] orders)
    {
        foreach (var order in orders)
        {
            await client.HandleAsync($$$"""{"type":"subscribe","data":{"order_id":"{{{order}}}"}}""");
        }
    }

    private async Task<RequestClient> ConnectAsync(NewApiKey key, string token)
    {
        var client = new RequestClient(cluster);
        await client.HandleAsync(TestToken.Connect(key.Key, token));
        return client;
    }

    private Task<NewApiKey> NewKeyAsync() => cluster.Keys.CreateAsync(_shop, TestContext.Current.CancellationToken);
}
