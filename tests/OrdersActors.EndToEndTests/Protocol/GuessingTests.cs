using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>A server with low limits for guesses of order ids, behind a known proxy.</summary>
public sealed class GuessedServer : IAsyncLifetime
{
    public const int PerAddress = 20;

    private ServerProcess? _server;

    public ServerProcess Server => _server!;

    public PublishingService Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = new()
            {
                ["OrdersActors__FrontEnd__DeniedSubscribesPerConnection"] = "1000",
                ["OrdersActors__FrontEnd__DeniedSubscribesPerAddress"] = $"{PerAddress}",
                ["OrdersActors__FrontEnd__DeniedSubscribeRatePerAddress"] = "1",
                ["OrdersActors__FrontEnd__DeniedSubscribesPerKey"] = "10",
                ["OrdersActors__FrontEnd__DeniedSubscribeRatePerKey"] = "20",
                ["OrdersActors__FrontEnd__KnownProxies"] = "127.0.0.1",
            },
        });
        Service = await PublishingService.ConnectAsync(_server.GatewayPort);
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await _server!.DisposeAsync();
    }
}

/// <summary>
/// A client with an open key can try order ids, but only slowly, and without harm to the key's customers.
/// </summary>
public sealed class GuessingTests(GuessedServer guessed) : IClassFixture<GuessedServer>
{
    [Fact]
    public async Task Guesser_with_an_open_key_is_limited_and_an_honest_client_with_the_same_key_is_not()
    {
        const string attacker = "192.0.2.1";
        var (key, secret) = await guessed.Server.CreateKeyAsync("guessed");
        await guessed.Service.PublishAsync("guessed", "real", "created");
        using (var guesser = await ConnectAsync(attacker, key))
        {
            var denied = 0;
            JsonElement answer;
            while ((answer = await GuessAsync(guesser, $"guess-{denied}")).GetProperty("code")
                .ValueEquals("access_denied"))
            {
                denied++;
            }

            // This is more than the key's budget, so the last denials were delayed.
            Assert.True(denied >= GuessedServer.PerAddress, $"only {denied} guesses were looked up");
            Assert.Equal("rate_limited", answer.GetProperty("code").GetString());
            Assert.Equal($"guess-{denied}", answer.GetProperty("order_id").GetString());
            Assert.True(answer.GetProperty("retry_after_ms").GetInt64() > 0);
        }

        // A customer at another address gets its order. A signed client gets it even at the attacker's address.
        using (var honest = await ConnectAsync("198.51.100.1", key))
        {
            await SubscribeAsync(honest, "real");
        }

        using (var signed = await ConnectAsync(attacker, key, SeedClient.Sign(key, secret)))
        {
            await SubscribeAsync(signed, "real");
        }

        await ExpectWarningAsync(key);
    }

    [Fact]
    public async Task Batch_of_guesses_is_answered_entry_by_entry_and_not_completely_looked_up()
    {
        var (key, _) = await guessed.Server.CreateKeyAsync("batches");
        using var socket = await ConnectAsync("203.0.113.1", key);
        string[] orders = [.. Enumerable.Range(0, 200).Select(i => $"guess-{i}")];
        await socket.SendAsync(JsonSerializer.Serialize(new
        {
            type = "subscribe",
            data = new { orders = orders.Select(order => new { order_id = order }) },
        }));
        var replies = new List<JsonElement>();
        foreach (var order in orders)
        {
            replies.Add(JsonElement.Parse(await socket.ReadTextAsync()).GetProperty("data"));
            Assert.Equal(order, replies[^1].GetProperty("order_id").GetString());
        }

        Assert.All(
            replies.Take(GuessedServer.PerAddress),
            reply => Assert.Equal("access_denied", reply.GetProperty("code").GetString()));
        Assert.Contains(
            replies,
            reply => reply.GetProperty("code").ValueEquals("rate_limited")
                && reply.GetProperty("retry_after_ms").GetInt64() > 0);
    }

    private static async Task<JsonElement> GuessAsync(RawWebSocket socket, string order)
    {
        await socket.SendAsync(SeedClient.Subscription("subscribe", order));
        return JsonElement.Parse(await socket.ReadTextAsync()).GetProperty("data");
    }

    private static async Task SubscribeAsync(RawWebSocket socket, string order)
    {
        await socket.SendAsync(SeedClient.Subscription("subscribe", order));
        Assert.Contains("\"subscribed\"", await socket.ReadTextAsync(), StringComparison.Ordinal);
    }

    private async Task<RawWebSocket> ConnectAsync(string address, string key, string? signature = null)
    {
        var socket = new RawWebSocket();
        var head = await socket.RequestAsync(
            guessed.Server.WebSocketAddress, RawWebSocket.Upgrade(more: $"X-Forwarded-For: {address}\r\n"));
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        await socket.SendAsync(SeedClient.Connect(key, signature));
        Assert.Contains("authenticated", await socket.ReadTextAsync(), StringComparison.Ordinal);
        return socket;
    }

    private async Task ExpectWarningAsync(string key)
    {
        // The server writes its log in the background.
        for (var i = 0; i < 600 && !guessed.Server.Output.Contains("[1344]", StringComparison.Ordinal); i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Contains("[1344]", guessed.Server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(key, guessed.Server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("guess-", guessed.Server.Output, StringComparison.Ordinal);
    }
}
