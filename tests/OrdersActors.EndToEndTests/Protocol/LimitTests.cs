using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>A server with limits small enough to reach.</summary>
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
    public async Task Who_does_not_authenticate_in_time_is_told_and_closed_with_1008()
    {
        await using var client = await SeedClient.OpenAsync(Address);
        await client.SendAsync(SeedClient.Connect("wrong"));
        await client.ExpectErrorAsync("not_authenticated");
        Assert.Equal(1008, await client.WaitForCloseAsync());
    }

    [Fact]
    public async Task A_connection_is_pinged_and_stays_as_long_as_it_answers()
    {
        await using var client = await SeedClient.ConnectAsync(Address, "demo-key");
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(9))
        {
            // The library answers pings by itself; nothing else is sent.
            Assert.Equal(WebSocketState.Open, client.Socket.State);
            await Task.Delay(250, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_client_that_is_silent_for_two_intervals_is_dropped()
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
    public async Task Subscriptions_are_counted_and_one_too_many_is_refused()
    {
        var published = await strict.Server.RunAsync(
            string.Concat(Enumerable.Range(1, 4).Select(i => $$"""{"organization_id":"demo","order_id":"limit-{{i}}","status":"created"}""" + "\n")),
            ["publish", "--file", "-"]);
        Assert.Equal(0, published.ExitCode);
        await using var client = await SeedClient.ConnectAsync(Address, "demo-key");
        await client.SubscribeAsync("limit-1");
        await client.SubscribeAsync("limit-2");
        await client.SubscribeAsync("limit-3");
        await client.SendAsync(SeedClient.Subscription("subscribe", "limit-4"));
        var error = await client.ExpectErrorAsync("too_many_subscriptions");
        Assert.Equal("limit-4", error.GetProperty("order_id").GetString());
        // One that is there already is not one more, and one that goes makes room.
        await client.SendAsync(SeedClient.Subscription("subscribe", "limit-3"));
        await client.SendAsync(SeedClient.Subscription("unsubscribe", "limit-1"));
        await client.SubscribeAsync("limit-4");
    }

    [Fact]
    public async Task Too_many_messages_are_refused_one_by_one_and_going_on_regardless_closes_with_1008()
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
