using System.Text;
using OrdersActors.TestServer;
using static OrdersActors.EndToEndTests.Protocol.RawWebSocket;

namespace OrdersActors.EndToEndTests.Protocol.Rfc6455;

public sealed class HandshakeTests(RunningServer running)
{
    public static TheoryData<string, string> Accepted { get; } = new()
    {
        { "plain", Upgrade() },
        { "Firefox's Connection header", Upgrade(connection: "keep-alive, Upgrade") },
        { "other cases", Upgrade(upgrade: "WebSocket", connection: "upgrade") },
        { "header names in lower case", Upgrade()
            .Replace("Sec-WebSocket-Key", "sec-websocket-key", StringComparison.Ordinal) },
        { "subprotocols",
            Upgrade(more: "Sec-WebSocket-Protocol: graphql-ws, soap\r\nSec-WebSocket-Protocol: mqtt\r\n") },
        { "extensions", Upgrade(more: "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n") },
        { "an origin and cookies", Upgrade(more: "Origin: https://shop.example\r\nCookie: a=b\r\n") },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task Handshake_is_accepted_and_selects_neither_subprotocol_nor_extension(string what, string request)
    {
        using var socket = new RawWebSocket();
        var head = await socket.RequestAsync(running.Address, request);
        Assert.True(head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal), $"{what}: {head}");
        Assert.Contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Sec-WebSocket-Protocol", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", head, StringComparison.OrdinalIgnoreCase);
        await socket.SendAsync(SeedClient.Connect("demo-key"));
        Assert.Contains("authenticated", await socket.ReadTextAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, int> Refused { get; } = new()
    {
        { "HTTP/1.0", Upgrade(http: "1.0"), 426 },
        { "version 8", Upgrade(version: "8"), 426 },
        { "version 14", Upgrade(version: "14"), 426 },
        { "two versions", Upgrade(version: "13, 8"), 426 },
        { "no version", Upgrade().Replace("Sec-WebSocket-Version: 13\r\n", "", StringComparison.Ordinal), 426 },
        { "another protocol", Upgrade(upgrade: "h2c"), 426 },
        { "no Connection: Upgrade", Upgrade(connection: "keep-alive"), 426 },
        { "no upgrade at all", "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", 426 },
        { "no key", Upgrade(key: null), 400 },
        { "a short key", Upgrade(key: "c2hvcnQ="), 400 },
        { "a long key", Upgrade(key: "dGhlIHNhbXBsZSBub25jZQ==AAAA"), 400 },
        { "a key that is not base64", Upgrade(key: "not base64 at all!!!!!!!"), 400 },
        { "two keys", Upgrade(more: $"Sec-WebSocket-Key: {NormalKey}\r\n"), 400 },
        { "no host", Upgrade().Replace("Host: localhost\r\n", "", StringComparison.Ordinal), 400 },
        { "POST", Upgrade().Replace("GET", "POST", StringComparison.Ordinal), 405 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Wrong_handshake_is_refused(string what, string request, int status)
    {
        using var socket = new RawWebSocket();
        var head = await socket.RequestAsync(running.Address, request);
        Assert.True(head.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {head}");
        Assert.Equal(status == 426, head.Contains("\r\nSec-WebSocket-Version: 13\r\n", StringComparison.Ordinal));
        Assert.DoesNotContain("Sec-WebSocket-Accept", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frames_sent_together_with_the_handshake_are_handled()
    {
        using var socket = new RawWebSocket();
        await socket.ConnectAsync(running.Address);
        byte[] all =
        [
            .. Encoding.ASCII.GetBytes(Upgrade()),
            .. Frame(0x81, Encoding.UTF8.GetBytes(SeedClient.Connect("demo-key"))),
            .. Frame(0x81, """{"type":"ping","id":1}"""u8.ToArray()), .. Frame(0x89, 5),
        ];
        Assert.StartsWith("HTTP/1.1 101 ", await socket.RequestAsync(all), StringComparison.Ordinal);
        var seen = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var frame = (await socket.ReadAsync())!.Value;
            seen.Add(
                frame.Opcode == 1 ? Encoding.UTF8.GetString(frame.Payload) : $"{frame.Opcode}: {frame.Payload[0]}");
        }

        // A pong may overtake messages.
        Assert.Equal(
            ["10: 5", """{"type":"connected","data":{"status":"authenticated"}}""", """{"type":"pong","id":1}"""],
            seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Handshake_sent_byte_by_byte_is_accepted()
    {
        using var socket = new RawWebSocket();
        await socket.ConnectAsync(running.Address);
        foreach (var one in Encoding.ASCII.GetBytes(Upgrade()))
        {
            await socket.SendBytesAsync([one]);
        }

        Assert.StartsWith("HTTP/1.1 101 ", await socket.ReadHeadAsync(), StringComparison.Ordinal);
    }
}
