using System.Diagnostics;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>For every malformed input the server answers or closes, stays up, and keeps nothing.</summary>
public sealed class MalformedInputTests : IAsyncLifetime
{
    private ServerProcess? _server;

    public async ValueTask InitializeAsync() => _server = await ServerProcess.StartAsync(new ServerSettings
    {
        Variables = new()
        {
            ["OrdersActors__FrontEnd__MessageRate"] = "1000000",
            ["OrdersActors__FrontEnd__MessageBurst"] = "1000000",
        },
    });

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    [Theory]
    [InlineData("", "invalid_message")]
    [InlineData("hello", "invalid_message")]
    [InlineData("[]", "invalid_message")]
    [InlineData("{}", "invalid_message")]
    [InlineData("{\"type\":1}", "invalid_message")]
    [InlineData("{\"type\":\"\"}", "unknown_type")]
    [InlineData("{\"type\":\"Subscribe\"}", "unknown_type")]
    [InlineData("{\"type\":\"subscribe\",\"data\":[]}", "invalid_message")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{\"order_id\":1}}", "invalid_message")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{\"orderId\":\"o-1\"}}", "invalid_message")]
    [InlineData("{\"type\":\"subscribe\",\"order_id\":\"o-1\",\"data\":{}}", "invalid_message")]
    [InlineData("{\"type\":\"unsubscribe\",\"data\":{\"order\":\"o-1\"}}", "invalid_message")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{\"orders\":[]}}", "invalid_message")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{\"order_id\":\"a\",\"order_id\":\"\"}}", "invalid_message")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{\"order_id\":\"nope\"}}", "access_denied")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{}}", "access_denied")]
    [InlineData("{\"type\":\"connect\",\"data\":{\"api_key\":\"other\"}}", "already_authenticated")]
    public async Task Bad_message_gets_its_code_and_the_connection_continues(string message, string code)
    {
        await using var client = await SeedClient.ConnectAsync(_server!.WebSocketAddress, "demo-key");
        await client.SendAsync(message);
        await client.ExpectErrorAsync(code);
        await client.SendAsync("""{"type":"ping"}""");
        await client.ExpectAsync("""{"type":"pong"}""");
    }

    [Fact]
    public async Task Thousands_of_mutated_messages_each_get_an_answer()
    {
        var random = new Random(7);
        string[] good =
        [
            SeedClient.Connect("demo-key", SeedClient.Sign("demo-key", "demo-secret")),
            SeedClient.Subscription("subscribe", "o-1"),
            SeedClient.Subscription("unsubscribe"), """{"type":"ping","id":"x\u00e9\ud83d\ude00"}""",
        ];
        await using var client = await SeedClient.ConnectAsync(_server!.WebSocketAddress, "demo-key");
        const int Count = 5000;
        for (var i = 0; i < Count; i++)
        {
            await client.SendAsync(Mutate(good[random.Next(good.Length)], random));
            if (i % 500 == 499)
            {
                await client.WaitForAsync(messages => messages.Count >= i + 2, $"{i + 1} answers");
            }
        }

        await client.WaitForAsync(messages => messages.Count == Count + 1, "one answer per message");
        Assert.Contains(client.Received, m => m.GetProperty("type").GetString() == "error");
    }

    [Fact]
    public async Task Random_bytes_and_frames_are_closed_or_answered_and_nothing_is_kept()
    {
        await SweepAsync(seed: 0, 50);
        var before = Handles();
        await SweepAsync(seed: 1, 400);
        await EventuallyAsync(
            () => Handles() <= before + 20, () => $"{before} handles before the sweep, {Handles()} after it");
        await using var client = await SeedClient.ConnectAsync(_server!.WebSocketAddress, "demo-key");
        Assert.DoesNotContain("fail:", _server.Output, StringComparison.Ordinal);
    }

    private async Task SweepAsync(int seed, int connections)
    {
        var random = new Random(seed);
        for (var i = 0; i < connections; i++)
        {
            using var socket = new RawWebSocket();
            await socket.UpgradeAsync(_server!.WebSocketAddress);
            try
            {
                for (var n = random.Next(1, 6); n > 0; n--)
                {
                    var payload = new byte[random.Next(0, 300)];
                    random.NextBytes(payload);
                    if (random.Next(2) == 0)
                    {
                        await socket.SendAsync((byte)random.Next(16), payload, random.Next(4) > 0);
                    }
                    else
                    {
                        await socket.Stream.WriteAsync(payload, TestContext.Current.CancellationToken);
                    }
                }
            }
            catch (IOException)
            {
                // The server correctly closed while the test was still sending.
            }
        }
    }

    private const string Intruders = "\"{}[]:,\\0\u0000é☕ -.eE";

    private static string Mutate(string text, Random random)
    {
        var mutated = new StringBuilder(text);
        for (var n = random.Next(1, 4); n > 0 && mutated.Length > 0; n--)
        {
            var at = random.Next(mutated.Length);
            switch (random.Next(4))
            {
                case 0:
                    mutated.Remove(at, random.Next(1, Math.Min(8, mutated.Length - at) + 1));
                    break;
                case 1:
                    mutated.Insert(at, Intruders[random.Next(Intruders.Length)]);
                    break;
                case 2:
                    mutated[at] = (char)random.Next(32, 127);
                    break;
                default:
                    mutated.Insert(at, mutated.ToString(at, Math.Min(20, mutated.Length - at)));
                    break;
            }
        }

        return mutated.ToString();
    }

    private int Handles()
    {
        using var process = Process.GetProcessById(_server!.ProcessId);
        return process.HandleCount;
    }

    private static async Task EventuallyAsync(Func<bool> condition, Func<string> otherwise)
    {
        for (var i = 0; i < 600 && !condition(); i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.True(condition(), otherwise());
    }
}
