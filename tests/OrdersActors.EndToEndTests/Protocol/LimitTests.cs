using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>A server with low limits.</summary>
public sealed class StrictServer : IAsyncLifetime
{
    private ServerProcess? _server;

    public ServerProcess Server => _server!;

    public async ValueTask InitializeAsync() => _server = await ServerProcess.StartAsync(new ServerSettings
    {
        Variables = new()
        {
            ["OrdersActors__FrontEnd__AuthenticationDeadline"] = "00:00:02",
            ["OrdersActors__FrontEnd__PingInterval"] = "00:00:03",
            ["OrdersActors__FrontEnd__MaxSubscriptions"] = "3",
            ["OrdersActors__FrontEnd__MessageRate"] = "1",
            ["OrdersActors__FrontEnd__MessageBurst"] = "20",
        },
    });

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public sealed class LimitTests(StrictServer strict) : IClassFixture<StrictServer>
{
    private Uri Address => strict.Server.WebSocketAddress;

    [Fact]
    public async Task Unauthenticated_client_is_notified_and_closed_with_1008_after_the_deadline()
    {
        await using var client = await SeedClient.OpenAsync(Address);
        await client.SendAsync(SeedClient.Connect("wrong"));
        await client.ExpectErrorAsync("not_authenticated");
        Assert.Equal(1008, await client.WaitForCloseAsync());
    }

    [Fact]
    public async Task Connection_is_pinged_and_stays_open_while_it_answers()
    {
        await using var client = await SeedClient.ConnectAsync(Address, "demo-key");
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(9))
        {
            // The library answers pings automatically. The client sends nothing else.
            Assert.Equal(WebSocketState.Open, client.Socket.State);
            await Task.Delay(250, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Client_that_is_silent_for_two_intervals_is_dropped()
    {
        using var socket = new RawWebSocket();
        await socket.UpgradeAsync(Address);
        await socket.SendAsync(1, Encoding.UTF8.GetBytes(SeedClient.Connect("demo-key")));
        var opcodes = new List<int>();
        while (await socket.ReadAsync() is { } frame)
        {
            opcodes.Add(frame.Opcode);
        }

        Assert.Equal(1, opcodes[0]);
        Assert.Contains(9, opcodes);
        Assert.DoesNotContain(8, opcodes);
    }

    [Fact]
    public async Task Subscription_past_the_limit_is_refused()
    {
        var published = await strict.Server.RunAsync(
            string.Concat(Enumerable.Range(1, 4)
                .Select(i => $$"""{"organization_id":"demo","order_id":"limit-{{i}}","status":"created"}""" + "\n")),
            ["publish", "--file", "-"]);
        Assert.Equal(0, published.ExitCode);
        await using var client = await SeedClient.ConnectAsync(Address, "demo-key");
        await client.SubscribeAsync("limit-1");
        await client.SubscribeAsync("limit-2");
        await client.SubscribeAsync("limit-3");
        await client.SendAsync(SeedClient.Subscription("subscribe", "limit-4"));
        var error = await client.ExpectErrorAsync("too_many_subscriptions");
        Assert.Equal("limit-4", error.GetProperty("order_id").GetString());
        // A duplicate subscription does not count, and an unsubscribe frees a slot.
        await client.SendAsync(SeedClient.Subscription("subscribe", "limit-3"));
        await client.SendAsync(SeedClient.Subscription("unsubscribe", "limit-1"));
        await client.SubscribeAsync("limit-4");
    }

    [Fact]
    public async Task Messages_past_the_rate_limit_are_refused_one_by_one_and_finally_close_with_1008()
    {
        await using var client = await SeedClient.ConnectAsync(Address, "demo-key");
        for (var i = 0; i < 60 && client.Socket.State == WebSocketState.Open; i++)
        {
            try
            {
                await client.SendAsync("""{"type":"ping"}""");
            }
            catch (WebSocketException)
            {
                break;
            }
        }

        Assert.Equal(1008, await client.WaitForCloseAsync());
        var pongs = client.Received.Count(m => m.GetProperty("type").GetString() == "pong");
        Assert.InRange(pongs, 19, 40);
        await client.ExpectErrorAsync("rate_limited", 10);
    }
}
