using System.Text;
using OrdersActors.TestServer;
using static OrdersActors.EndToEndTests.Protocol.RawWebSocket;

namespace OrdersActors.EndToEndTests.Protocol.Rfc6455;

/// <summary>Invalid frames with their close status, and unusual frames that are valid.</summary>
public sealed class FramingTests(RunningServer running)
{
    private const string Pong = """{"type":"pong"}""";
    private static readonly byte[] PingMessage = """{"type":"ping"}"""u8.ToArray();

    public static TheoryData<string, byte[], int> Violations { get; } = new()
    {
        { "reserved bit 1", Frame(0xC1, PingMessage), 1002 },
        { "reserved bit 2", Frame(0xA1, PingMessage), 1002 },
        { "reserved bit 3 on a ping", Frame(0x99), 1002 },
        { "reserved opcode 3", Frame(0x83), 1002 },
        { "reserved opcode 7", Frame(0x87, 1), 1002 },
        { "reserved control opcode 11", Frame(0x8B), 1002 },
        { "reserved control opcode 15", Frame(0x8F, 1), 1002 },
        { "unmasked text", [0x81, 0x02, (byte)'{', (byte)'}'], 1002 },
        { "unmasked ping", [0x89, 0x00], 1002 },
        { "unmasked close", [0x88, 0x02, 0x03, 0xE8], 1002 },
        { "fragmented ping", Frame(0x09), 1002 },
        { "fragmented close", Frame(0x08, 0x03, 0xE8), 1002 },
        { "ping of 126 bytes", Frame(0x89, new byte[126]), 1002 },
        { "close of 126 bytes", Frame(0x88, new byte[126]), 1002 },
        { "continuation without a start", Frame(0x80, PingMessage), 1002 },
        { "continuation after a whole message", [.. Frame(0x81, PingMessage), .. Frame(0x80)], 1002 },
        { "text inside of a message", [.. Frame(0x01, (byte)'{'), .. Frame(0x81, PingMessage)], 1002 },
        { "binary inside of a message", [.. Frame(0x01, (byte)'{'), .. Frame(0x82, 1)], 1002 },
        { "16-bit length for 5 bytes", [0x81, 0xFE, 0, 5, 0, 0, 0, 0], 1002 },
        { "64-bit length for 200 bytes", [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0, 200], 1002 },
        { "64-bit length with the highest bit", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], 1002 },
        { "binary", Frame(0x82, 1, 2, 3), 1003 },
        { "binary, fragmented", Frame(0x02, 1), 1003 },
        { "not UTF-8", Frame(0x81, (byte)'{', 0xFF, (byte)'}'), 1007 },
        { "overlong UTF-8", Frame(0x81, 0xC0, 0xAF), 1007 },
        { "surrogate", Frame(0x81, 0xED, 0xA0, 0x80), 1007 },
        { "beyond Unicode", Frame(0x81, 0xF4, 0x90, 0x80, 0x80), 1007 },
        { "incomplete character at the end", Frame(0x81, 0xE2, 0x98), 1007 },
        { "character broken between frames", [.. Frame(0x01, 0xE2, 0x98), .. Frame(0x80, (byte)'x')], 1007 },
        { "invalid byte of a frame that has not come yet", [.. Header(0x81, 100), 0, 0, 0, 0, (byte)'{', 0xFF], 1007 },
        { "invalid second byte of a character", [.. Header(0x81, 100), 0, 0, 0, 0, 0xE0, 0x80], 1007 },
        { "announces one byte too many", Header(0x81, (16 * 1024) + 1), 1009 },
        { "announces exabytes", Header(0x81, long.MaxValue), 1009 },
        { "announces too much together", [.. Frame(0x01, new byte[9000]), .. Header(0x80, 8000)], 1009 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task Invalid_frame_is_answered_with_an_error_and_closed_with_its_status(
        string what, byte[] sent, int status)
    {
        using var socket = new RawWebSocket();
        await socket.UpgradeAsync(running.Address);
        await socket.SendBytesAsync(sent);
        var closing = await socket.ReadClosingAsync();
        Assert.True(("invalid_message", status) == closing, $"{what}: {closing}");
        // Nothing follows, and the transport ends although the client sends no close.
        Assert.Null(await socket.ReadAsync());
    }

    public static TheoryData<string, byte[]> Valid { get; } = new()
    {
        { "one frame", Frame(0x81, PingMessage) },
        { "two frames", [.. Frame(0x01, PingMessage[..5]), .. Frame(0x80, PingMessage[5..])] },
        { "a frame per byte", [.. Frame(0x01), .. PingMessage.SelectMany(b => Frame(0x00, b)), .. Frame(0x80)] },
        { "some empty frames", [.. Frame(0x01), .. Frame(0x00), .. Frame(0x00), .. Frame(0x80, PingMessage)] },
        { "an unsolicited pong", [.. Frame(0x8A, 1, 2), .. Frame(0x81, PingMessage)] },
        { "a pong inside of a message",
            [.. Frame(0x01, PingMessage[..5]), .. Frame(0x8A), .. Frame(0x80, PingMessage[5..])] },
        { "a mask of zeros", [.. Header(0x81, PingMessage.Length), 0, 0, 0, 0, .. PingMessage] },
        { "a length in 16 bits", Frame(0x81, [.. PingMessage, .. Enumerable.Repeat((byte)' ', 200)]) },
        { "the largest message",
            Frame(0x81, [.. PingMessage, .. Enumerable.Repeat((byte)' ', (16 * 1024) - PingMessage.Length)]) },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Message_is_understood_in_one_piece_and_byte_by_byte(string what, byte[] sent)
    {
        using var socket = await OpenAsync();
        await socket.SendBytesAsync(sent);
        Assert.True(await socket.ReadTextAsync() == Pong, what);
        foreach (var one in sent.Length < 1000 ? sent : [])
        {
            await socket.SendBytesAsync([one]);
        }

        if (sent.Length < 1000)
        {
            Assert.True(await socket.ReadTextAsync() == Pong, $"{what}, byte by byte");
        }
    }

    [Fact]
    public async Task Character_split_between_frames_is_whole()
    {
        using var socket = await OpenAsync();
        var message = Encoding.UTF8.GetBytes("""{"type":"ping","id":"☕"}""");
        var cup = Array.IndexOf(message, (byte)0xE2);
        await socket.SendBytesAsync(
            [
                .. Frame(0x01, message[..(cup + 1)]), .. Frame(0x89, 7), .. Frame(0x00, message[cup + 1]),
                .. Frame(0x80, message[(cup + 2)..]),
            ]);
        Assert.Equal(10, (await socket.ReadAsync())!.Value.Opcode);
        Assert.Equal("""{"type":"pong","id":"☕"}""", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task Too_many_empty_frames_in_one_message_close_with_1008()
    {
        using var socket = await OpenAsync();
        await socket.SendBytesAsync([.. Frame(0x01), .. Enumerable.Repeat(Frame(0x00), 16).SelectMany(f => f)]);
        Assert.Equal(("rate_limited", 1008), await socket.ReadClosingAsync());
    }

    [Fact]
    public async Task Close_reaches_a_client_that_is_still_sending_a_large_message()
    {
        using var socket = await OpenAsync();
        await socket.SendBytesAsync([.. Header(0x81, 4_000_000), 0, 0, 0, 0, .. new byte[4_000_000]]);
        await socket.SendAsync(8, [0x03, 0xE8]);
        Assert.Equal(("invalid_message", 1009), await socket.ReadClosingAsync());
    }

    private async Task<RawWebSocket> OpenAsync()
    {
        var socket = new RawWebSocket();
        await socket.UpgradeAsync(running.Address);
        await socket.SendAsync(SeedClient.Connect("demo-key"));
        Assert.Contains("authenticated", await socket.ReadTextAsync(), StringComparison.Ordinal);
        return socket;
    }
}
