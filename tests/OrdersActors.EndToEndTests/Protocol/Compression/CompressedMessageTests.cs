using System.Text;
using OrdersActors.TestServer;
using static OrdersActors.EndToEndTests.Protocol.RawWebSocket;

namespace OrdersActors.EndToEndTests.Protocol.Compression;

/// <summary>Compressed messages of clients, valid and hostile.</summary>
public sealed class CompressedMessageTests(CompressingServer compressing) : IClassFixture<CompressingServer>
{
    private const string Pong = """{"type":"pong"}""";
    private static readonly byte[] PingMessage = """{"type":"ping"}"""u8.ToArray();
    private static readonly byte[] Deflated = Deflate(PingMessage);

    public static TheoryData<string, byte[]> Valid { get; } = new()
    {
        { "one frame", Frame(0xC1, Deflated) },
        { "not compressed", Frame(0x81, PingMessage) },
        { "a frame per byte", [.. Frame(0x41), .. Deflated.SelectMany(b => Frame(0x00, b)), .. Frame(0x80)] },
        { "a pong inside", [.. Frame(0x41, Deflated[..3]), .. Frame(0x8A), .. Frame(0x80, Deflated[3..])] },
        { "a block without compression", Frame(0xC1, [0, 15, 0, 240, 255, .. PingMessage, 0]) },
        { "the largest message",
            Frame(0xC1, Deflate([.. PingMessage, .. Enumerable.Repeat((byte)' ', (16 * 1024) - PingMessage.Length)])) },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Message_is_understood_after_any_other(string what, byte[] sent)
    {
        using var socket = await OpenAsync();
        await socket.SendBytesAsync(Frame(0xC1, Deflate(Encoding.UTF8.GetBytes(SeedClient.Connect("demo-key")))));
        Assert.Contains("authenticated", await socket.ReadTextAsync(), StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
        {
            await socket.SendBytesAsync(sent);
            Assert.True(await socket.ReadTextAsync() == Pong, what);
        }
    }

    public static TheoryData<string, byte[], int> Refused { get; } = new()
    {
        { "one byte more than the largest message", Frame(0xC1, Deflate(new byte[(16 * 1024) + 1])), 1009 },
        { "a zip bomb of 15 MiB", Frame(0xC1, Deflate(new byte[15 * 1024 * 1024])), 1009 },
        { "announces one byte too many", Header(0xC1, (16 * 1024) + 1), 1009 },
        { "not UTF-8", Frame(0xC1, Deflate([0xC0, 0xAF])), 1007 },
        { "not compressed", Frame(0xC1, PingMessage), 1007 },
        { "binary", Frame(0xC2, Deflated), 1003 },
        { "a compressed ping", Frame(0xC9), 1002 },
        { "a compressed close", Frame(0xC8, 0x03, 0xE8), 1002 },
        { "a compressed continuation", [.. Frame(0x41, Deflated[..3]), .. Frame(0xC0, Deflated[3..])], 1002 },
        { "another reserved bit", Frame(0xE1, Deflated), 1002 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Wrong_compressed_message_is_answered_like_a_wrong_plain_one(
        string what, byte[] sent, int status)
    {
        using var socket = await OpenAsync();
        await socket.SendBytesAsync(sent);
        var closing = await socket.ReadClosingAsync();
        Assert.True(("invalid_message", status) == closing, $"{what}: {closing}");
        Assert.Null(await socket.ReadAsync());
    }

    public static TheoryData<string> Declined { get; } = new()
    {
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=x",
        "permessage-deflate; unknown",
        "x-webkit-deflate-frame",
    };

    [Theory]
    [MemberData(nameof(Declined))]
    public async Task Offer_that_cannot_be_accepted_leaves_the_connection_without_compression(string offer)
    {
        using var socket = new RawWebSocket();
        var head = await socket.RequestAsync(compressing.Address, UpgradeWith(offer));
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", head, StringComparison.OrdinalIgnoreCase);
        await socket.SendBytesAsync(Frame(0xC1, Deflated));
        Assert.Equal(("invalid_message", 1002), await socket.ReadClosingAsync());
    }

    private async Task<RawWebSocket> OpenAsync()
    {
        var socket = new RawWebSocket();
        var head = await socket.RequestAsync(compressing.Address, UpgradeWith("permessage-deflate"));
        Assert.Contains("permessage-deflate", head, StringComparison.Ordinal);
        return socket;
    }

    private static string UpgradeWith(string offer) => Upgrade(more: $"Sec-WebSocket-Extensions: {offer}\r\n");
}
