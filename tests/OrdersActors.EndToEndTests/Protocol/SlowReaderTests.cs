using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

public sealed class SlowReaderTests
{
    [Fact]
    public async Task Client_that_does_not_read_is_closed_with_1013_and_does_not_delay_others()
    {
        // Long enough, even on a busy machine, for the client to wake up and read the reason.
        await using var server = await ServerProcess.StartAsync(
            new ServerSettings { Variables = new() { ["OrdersActors__FrontEnd__CloseTimeout"] = "00:01:00" } });
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await service.PublishAsync("demo", "big", "created");
        using var sleeper = new ClientWebSocket();
        sleeper.Options.KeepAliveInterval = TimeSpan.Zero;
        await sleeper.ConnectAsync(server.WebSocketAddress, TestContext.Current.CancellationToken);
        await SendAsync(sleeper, SeedClient.Connect("demo-key"));
        await SendAsync(sleeper, SeedClient.Subscription("subscribe", "big"));
        await ReadAsync(sleeper);
        await ReadAsync(sleeper);
        await using var reader = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await reader.SubscribeAsync("big");

        // More than the kernel buffers of both sides (4 and 6 MB at most by default) plus the queue.
        var details = $$"""{"text":"{{new string('x', 60_000)}}"}""";
        const int Count = 250;
        for (var i = 0; i < Count; i++)
        {
            await service.PublishAsync("demo", "big", "grown", details);
        }

        await reader.WaitForEventsAsync(Count);
        string last = "";
        while (await ReadAsync(sleeper) is { } message)
        {
            last = message;
        }

        Assert.Equal(1013, (int)sleeper.CloseStatus!);
        using var json = JsonDocument.Parse(last);
        Assert.Equal("unavailable", json.RootElement.GetProperty("data").GetProperty("code").GetString());
    }

    private static Task SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(
            Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    private static async Task<string?> ReadAsync(ClientWebSocket socket)
    {
        var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return Encoding.UTF8.GetString(message.ToArray());
            }
        }
    }
}
