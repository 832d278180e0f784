using System.Text;

namespace OrdersActors.EndToEndTests.Protocol.Rfc6455;

/// <summary>What RFC 6455 asks of a server, frame by frame, over a real socket.</summary>
public sealed class FramingTests(RunningServer running)
{
    private const int Text = 0x81;
    private const int Ping = 0x89;
    private const int Close = 0x88;

    private static readonly byte[] AppPing = Encoding.UTF8.GetBytes("""{"type":"ping","note":"☕ и ü"}""");

    /// <summary>What a client must not send, and the status that answers it.</summary>
    public static TheoryData<string, int, byte[]> Violations { get; } = MakeViolations();

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_is_announced_by_an_error_and_closes_with_its_status(string violation, int status, byte[] bytes)
    {
        using var socket = await OpenAsync();
        await socket.Stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
        var (opcode, payload) = (await socket.ReadAsync())!.Value;
        Assert.True(opcode == 1, violation);
        Assert.Contains(status == 1008 ? "rate_limited" : "invalid_message", Encoding.UTF8.GetString(payload), StringComparison.Ordinal);
        Assert.Equal(status, await CloseStatusAsync(socket));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1011)]
    [InlineData(1014)]
    [InlineData(3000)]
    [InlineData(4999)]
    public async Task A_close_is_answered_with_its_own_status(int status)
    {
        using var socket = await OpenAsync();
        await socket.Stream.WriteAsync(
            ClientFrame.Of(Close, [(byte)(status >> 8), (byte)status, .. "going"u8]), TestContext.Current.CancellationToken);
        Assert.Equal(status, await CloseStatusAsync(socket));
        Assert.Null(await socket.ReadAsync());
    }

    [Fact]
    public async Task A_close_without_a_status_is_answered_as_normal()
    {
        using var socket = await OpenAsync();
        await socket.Stream.WriteAsync(ClientFrame.Of(Close), TestContext.Current.CancellationToken);
        Assert.Equal(1000, await CloseStatusAsync(socket));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    public async Task A_ping_is_answered_with_its_payload(int length)
    {
        using var socket = await OpenAsync();
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        await socket.Stream.WriteAsync(ClientFrame.Of(Ping, payload), TestContext.Current.CancellationToken);
        var pong = (await socket.ReadAsync())!.Value;
        Assert.Equal(10, pong.Opcode);
        Assert.Equal(payload, pong.Payload);
    }

    [Fact]
    public async Task A_pong_that_nobody_asked_for_is_ignored()
    {
        using var socket = await OpenAsync();
        await socket.Stream.WriteAsync(
            (byte[])[.. ClientFrame.Of(0x8A, 1, 2), .. ClientFrame.Of(Text, AppPing)], TestContext.Current.CancellationToken);
        await ExpectAppPongAsync(socket);
    }

    [Fact]
    public async Task A_message_may_be_cut_anywhere_also_within_a_character_and_pings_may_come_between()
    {
        for (var cut = 0; cut <= AppPing.Length; cut += 3)
        {
            using var socket = await OpenAsync();
            byte[] bytes =
            [
                .. ClientFrame.Of(0x01, AppPing[..cut]), .. ClientFrame.Of(0x00), .. ClientFrame.Of(Ping, (byte)cut),
                .. ClientFrame.Of(0x80, AppPing[cut..]),
            ];
            await socket.Stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
            var frames = new[] { (await socket.ReadAsync())!.Value, (await socket.ReadAsync())!.Value };
            // The pong waits in a place of its own, so the two may come together in either order.
            Assert.Equal([1, 10], frames.Select(frame => frame.Opcode).Order());
            Assert.Equal([(byte)cut], frames.Single(frame => frame.Opcode == 10).Payload);
        }
    }

    [Fact]
    public async Task Frames_may_come_byte_by_byte()
    {
        using var socket = await OpenAsync();
        foreach (var b in (byte[])[.. ClientFrame.Of(Ping, 7), .. ClientFrame.Of(Text, AppPing)])
        {
            await socket.Stream.WriteAsync(new[] { b }, TestContext.Current.CancellationToken);
            await socket.Stream.FlushAsync(TestContext.Current.CancellationToken);
        }

        // The pong waits in a place of its own, so the two may come in either order.
        int[] opcodes = [(await socket.ReadAsync())!.Value.Opcode, (await socket.ReadAsync())!.Value.Opcode];
        Assert.Equal([1, 10], opcodes.Order());
    }

    [Fact]
    public async Task Many_frames_may_come_at_once()
    {
        using var socket = await OpenAsync();
        byte[] bytes = [.. Enumerable.Range(0, 50).SelectMany(_ => ClientFrame.Of(Text, AppPing))];
        await socket.Stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
        for (var i = 0; i < 50; i++)
        {
            await ExpectAppPongAsync(socket);
        }
    }

    [Fact]
    public async Task First_frames_may_come_right_behind_the_handshake()
    {
        using var socket = new RawWebSocket();
        var head = await socket.RequestAsync(
            running.Address, Encoding.ASCII.GetBytes(RawWebSocket.Upgrade()), ClientFrame.Of(Text, "{\"type\":\"ping\"}"u8.ToArray()));
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        // It comes before a connect, which is an answer, too.
        Assert.Contains("not_authenticated", Encoding.UTF8.GetString((await socket.ReadAsync())!.Value.Payload), StringComparison.Ordinal);
    }

    private async Task<RawWebSocket> OpenAsync()
    {
        var socket = new RawWebSocket();
        await socket.UpgradeAsync(running.Address);
        await socket.SendAsync(1, Encoding.UTF8.GetBytes("""{"type":"connect","data":{"api_key":"demo-key"}}"""));
        Assert.Contains("authenticated", Encoding.UTF8.GetString((await socket.ReadAsync())!.Value.Payload), StringComparison.Ordinal);
        return socket;
    }

    private static async Task ExpectAppPongAsync(RawWebSocket socket) =>
        Assert.Equal("""{"type":"pong"}""", Encoding.UTF8.GetString((await socket.ReadAsync())!.Value.Payload));

    private static async Task<int> CloseStatusAsync(RawWebSocket socket)
    {
        var (opcode, payload) = (await socket.ReadAsync())!.Value;
        Assert.Equal(8, opcode);
        return (payload[0] << 8) | payload[1];
    }

    private static TheoryData<string, int, byte[]> MakeViolations()
    {
        var cases = new TheoryData<string, int, byte[]>
        {
            { "not masked", 1002, ClientFrame.Unmasked(Text, 1) },
            { "a ping that is not masked", 1002, ClientFrame.Unmasked(Ping) },
            { "first reserved bit", 1002, ClientFrame.Of(0xC1, 1) },
            { "second reserved bit", 1002, ClientFrame.Of(0xA1, 1) },
            { "third reserved bit", 1002, ClientFrame.Of(0x91, 1) },
            { "a fragmented ping", 1002, ClientFrame.Of(0x09) },
            { "a fragmented close", 1002, ClientFrame.Of(0x08, 3, 232) },
            { "a ping of 126 bytes", 1002, ClientFrame.Of(Ping, new byte[126]) },
            { "a continuation of nothing", 1002, ClientFrame.Of(0x80, 1) },
            { "a message within a message", 1002, [.. ClientFrame.Of(0x01, 32), .. ClientFrame.Of(Text, 32)] },
            { "a short length in two bytes", 1002, ClientFrame.WithLongLength(Text, 2, 32) },
            { "a short length in eight bytes", 1002, ClientFrame.WithLongLength(Text, 8, new byte[200]) },
            { "a length with the highest bit", 1002, [Text, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0] },
            { "a close with half a status", 1002, ClientFrame.Of(Close, 3) },
            { "a reason that is not UTF-8", 1007, ClientFrame.Of(Close, 3, 232, 0xFF) },
            { "binary", 1003, ClientFrame.Of(0x82, 1) },
            { "the first piece of a binary message", 1003, ClientFrame.Of(0x02, 1) },
            { "announced to be too long", 1009, ClientFrame.Header(Text, (16 * 1024) + 1) },
            { "announced to be far too long", 1009, ClientFrame.Header(Text, int.MaxValue) },
            {
                "too long with what came before", 1009,
                [.. ClientFrame.Of(0x01, [.. Enumerable.Repeat((byte)' ', 16_000)]), .. ClientFrame.Header(0x00, 1000)]
            },
            {
                "empty continuations without end", 1008,
                [.. ClientFrame.Of(0x01, 32), .. Enumerable.Range(0, 20).SelectMany(_ => ClientFrame.Of(0x00))]
            },
        };
        foreach (var opcode in new[] { 3, 4, 5, 6, 7, 11, 12, 13, 14, 15 })
        {
            cases.Add($"opcode {opcode}", 1002, ClientFrame.Of(0x80 | opcode));
        }

        foreach (var status in new[] { 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535 })
        {
            cases.Add($"close with {status}", 1002, ClientFrame.Of(Close, (byte)(status >> 8), (byte)status));
        }

        byte[][] invalid =
        [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xFF], [0xE2, 0x98], [0xC3, 0x28],
        ];
        foreach (var text in invalid)
        {
            cases.Add($"UTF-8 {Convert.ToHexString(text)}", 1007, ClientFrame.Of(Text, text));
        }

        // As soon as it cannot become valid, although the message goes on.
        cases.Add("UTF-8 that cannot become valid", 1007, [.. ClientFrame.Header(Text, 100), 0xFF ^ 0x12]);
        cases.Add("UTF-8 that is wrong in the second frame", 1007, [.. ClientFrame.Of(0x01, 0xE2), .. ClientFrame.Header(0x80, 50), 0x28 ^ 0x12]);
        return cases;
    }
}
