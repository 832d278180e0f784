namespace OrdersActors.EndToEndTests.Protocol.Rfc6455;

/// <summary>Variants of the opening handshake (RFC 6455, section 4).</summary>
public sealed class HandshakeTests(RunningServer running)
{
    private const string Key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

    [Theory]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n" + Key)]
    [InlineData("GET /ws HTTP/1.1\r\nhost: x\r\nUPGRADE: websocket\r\ncONNECTION: upgrade\r\n" + Key)]
    [InlineData("GET /ws?from=app HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://shop.example\r\n" + Key)]
    public async Task A_handshake_that_the_RFC_allows_is_accepted(string request) =>
        Assert.StartsWith("HTTP/1.1 101 ", await RequestAsync(request), StringComparison.Ordinal);

    [Fact]
    public async Task Subprotocols_and_extensions_that_are_offered_are_not_selected()
    {
        var head = await RequestAsync(
            "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
            + "Sec-WebSocket-Protocol: third\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" + Key);
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Sec-WebSocket-Protocol", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", head, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("GET /ws HTTP/1.0\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + Key, 426)]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n" + Key, 426)]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n" + Key, 426)]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", 400)]
    public async Task A_handshake_that_the_RFC_forbids_is_refused(string request, int status)
    {
        var head = await RequestAsync(request);
        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
        Assert.Equal(status == 426, head.Contains("Sec-WebSocket-Version: 13", StringComparison.Ordinal));
    }

    private async Task<string> RequestAsync(string request)
    {
        using var socket = new RawWebSocket();
        return await socket.RequestAsync(running.Address, request + "\r\n");
    }
}
