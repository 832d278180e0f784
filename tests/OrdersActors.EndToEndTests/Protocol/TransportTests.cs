using System.Net.WebSockets;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

public sealed class TransportTests(RunningServer running)
{
    [Fact]
    public async Task Handshake_equals_the_example_of_the_RFC()
    {
        using var socket = new RawWebSocket();
        var head = await socket.UpgradeAsync(running.Address);
        Assert.StartsWith("HTTP/1.1 101 Switching Protocols", head, StringComparison.Ordinal);
        // The example of RFC 6455, section 1.3.
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", 426)]
    [InlineData("POST /ws HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405)]
    public async Task Request_without_upgrade_is_refused_with_its_status(string request, int status)
    {
        using var socket = new RawWebSocket();
        Assert.StartsWith(
            $"HTTP/1.1 {status} ", await socket.RequestAsync(running.Address, request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broken_handshake_is_refused()
    {
        (string Request, int Status)[] broken =
        [
            (RawWebSocket.Upgrade(version: "8"), 426), (RawWebSocket.Upgrade(upgrade: "h2c"), 426),
            (RawWebSocket.Upgrade(key: null), 400), (RawWebSocket.Upgrade(key: "short"), 400),
            (RawWebSocket.Upgrade(key: "not base64 at all!!!!!!!"), 400),
        ];
        foreach (var (request, status) in broken)
        {
            using var socket = new RawWebSocket();
            Assert.StartsWith(
                $"HTTP/1.1 {status} ", await socket.RequestAsync(running.Address, request), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Message_may_be_fragmented()
    {
        using var socket = new RawWebSocket();
        await socket.UpgradeAsync(running.Address);
        var message = Encoding.UTF8.GetBytes(SeedClient.Connect("demo-key"));
        await socket.SendAsync(1, message[..10], final: false);
        await socket.SendAsync(0, [], final: false);
        await socket.SendAsync(9, [7]);
        await socket.SendAsync(0, message[10..]);
        Assert.Equal(10, (await socket.ReadAsync())!.Value.Opcode);
        Assert.Contains(
            "authenticated", Encoding.UTF8.GetString((await socket.ReadAsync())!.Value.Payload),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_at_the_limit_is_read_and_a_longer_one_closes_with_1009()
    {
        await using var client = await SeedClient.ConnectAsync(running.Address, "demo-key");
        await client.SendAsync(Padded(16 * 1024));
        await client.ExpectAsync("""{"type":"pong"}""");
        await client.SendAsync(Padded((16 * 1024) + 1));
        await client.ExpectErrorAsync("invalid_message");
        Assert.Equal(1009, await client.WaitForCloseAsync());

        static string Padded(int length) => """{"type":"ping"}""" + new string(' ', length - 15);
    }

    [Fact]
    public async Task Endless_message_is_closed_at_the_limit()
    {
        using var socket = new RawWebSocket();
        await socket.UpgradeAsync(running.Address);
        await socket.SendAsync(1, new byte[8000], final: false);
        await socket.SendAsync(0, new byte[8000], final: false);
        await socket.SendAsync(0, new byte[8000], final: false);
        Assert.Contains(
            "invalid_message", Encoding.UTF8.GetString((await socket.ReadAsync())!.Value.Payload),
            StringComparison.Ordinal);
        AssertClose(1009, await socket.ReadAsync());
    }

    [Fact]
    public async Task Binary_message_closes_with_1003()
    {
        await using var client = await SeedClient.ConnectAsync(running.Address, "demo-key");
        await client.SendAsync([1, 2, 3], WebSocketMessageType.Binary);
        await client.ExpectErrorAsync("invalid_message");
        Assert.Equal(1003, await client.WaitForCloseAsync());
    }

    [Fact]
    public async Task Invalid_UTF_8_closes_with_1007()
    {
        using var socket = new RawWebSocket();
        await socket.UpgradeAsync(running.Address);
        await socket.SendAsync(1, [(byte)'{', 0xff, (byte)'}']);
        Assert.Contains(
            "invalid_message", Encoding.UTF8.GetString((await socket.ReadAsync())!.Value.Payload),
            StringComparison.Ordinal);
        AssertClose(1007, await socket.ReadAsync());
    }

    [Fact]
    public async Task Client_that_disappears_is_forgotten()
    {
        var order = await running.NewDemoOrderAsync();
        for (var i = 0; i < 20; i++)
        {
            await using var client = await SeedClient.ConnectAsync(running.Address, "demo-key");
            await client.SubscribeAsync(order);
        }

        await using var witness = await SeedClient.ConnectAsync(running.Address, "demo-key");
        await witness.SubscribeAsync(order);
        await running.Service.PublishAsync("demo", order, "moved");
        await witness.WaitForEventsAsync(1);
    }

    private static void AssertClose(int status, (int Opcode, byte[] Payload)? frame)
    {
        Assert.Equal(8, frame!.Value.Opcode);
        Assert.Equal(status, (frame.Value.Payload[0] << 8) | frame.Value.Payload[1]);
    }
}
