using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class MessageReaderTests
{
    private const byte FirstText = 0x01;
    private const byte Continuation = 0x00;
    private const byte LastContinuation = 0x80;
    private const byte Ping = 0x89;
    private const byte Close = 0x88;

    private readonly FrameLog _log = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Frames_that_arrive_byte_by_byte_make_the_same_messages()
    {
        byte[] sent =
        [
            .. ClientFrame.Text("plain"), .. ClientFrame.Of(FirstText, "frag"u8.ToArray()),
            .. ClientFrame.Of(Ping, (byte)'1'),
            .. ClientFrame.Of(Continuation), .. ClientFrame.Of(LastContinuation, "mented é☕😀"u8.ToArray()),
            .. ClientFrame.Text(new string('x', 300)), .. ClientFrame.Of(0x8A), .. ClientFrame.Of(Close, 0x03, 0xE8),
        ];
        Assert.Equal(1000, await _log.ReadAsync(new ScriptedStream(sent.Select(b => new[] { b }))));
        string[] expected = ["plain", "ping 1", "fragmented é☕😀", new string('x', 300), "pong", "close 1000"];
        Assert.Equal(expected, _log.Seen);
        Assert.Equal(2, _log.Continuations);

        var whole = new FrameLog();
        await whole.ReadAsync(new ScriptedStream([sent]));
        Assert.Equal(expected, whole.Seen);
    }

    public static TheoryData<string, byte[], int> Unacceptable { get; } = new()
    {
        { "a reserved bit", ClientFrame.Of(0xC1), 1002 },
        { "a reserved opcode", ClientFrame.Of(0x83), 1002 },
        { "a reserved control opcode", ClientFrame.Of(0x8B), 1002 },
        { "an unmasked frame", [0x81, 0x01, (byte)'x'], 1002 },
        { "a fragmented ping", ClientFrame.Of(0x09), 1002 },
        { "a ping of 126 bytes", ClientFrame.Of(Ping, new byte[126]), 1002 },
        { "a continuation of nothing", ClientFrame.Of(LastContinuation), 1002 },
        { "a message inside of a message", [.. ClientFrame.Of(FirstText), .. ClientFrame.Text("x")], 1002 },
        { "a length in more bytes than it needs", [0x81, 0xFE, 0, 5, 0, 0, 0, 0], 1002 },
        { "a length with the highest bit", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], 1002 },
        { "a close of one byte", ClientFrame.Of(Close, 3), 1002 },
        { "a close with 1005", ClientFrame.Of(Close, 0x03, 0xED), 1002 },
        { "a close with 999", ClientFrame.Of(Close, 0x03, 0xE7), 1002 },
        { "a close with 2999", ClientFrame.Of(Close, 0x0B, 0xB7), 1002 },
        { "a close whose reason is not UTF-8", ClientFrame.Of(Close, 0x03, 0xE8, 0xFF), 1007 },
        { "a binary message", ClientFrame.Of(0x82, 1), 1003 },
        { "text that is not UTF-8", ClientFrame.Of(0x81, (byte)'{', 0xFF), 1007 },
        { "text that ends inside of a character", ClientFrame.Of(0x81, 0xE2, 0x98), 1007 },
        { "a surrogate", ClientFrame.Of(0x81, 0xED, 0xA0, 0x80), 1007 },
    };

    [Theory]
    [MemberData(nameof(Unacceptable))]
    public async Task Invalid_frame_ends_the_connection(string what, byte[] sent, int status)
    {
        Assert.True(await _log.ReadAsync(new ScriptedStream([sent])) == status, what);
        Assert.Empty(_log.Seen);
    }

    [Theory]
    [InlineData(new byte[] { 0xE0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90 })]
    [InlineData(new byte[] { 0xC0 })]
    [InlineData(new byte[] { 0x80 })]
    public async Task Invalid_UTF_8_is_refused_before_the_whole_frame_has_arrived(byte[] start)
    {
        byte[] sent = [.. ClientFrame.Header(0x81, 100), 0, 0, 0, 0, .. start];
        Assert.Equal(1007, await _log.ReadAsync(new ScriptedStream([sent], ends: false)));
    }

    [Fact]
    public async Task Character_may_be_split_between_frames()
    {
        var coffee = Encoding.UTF8.GetBytes("☕");
        byte[] sent =
        [
            .. ClientFrame.Of(FirstText, coffee[0]), .. ClientFrame.Of(Continuation, coffee[1]),
            .. ClientFrame.Of(LastContinuation, coffee[2]),
        ];
        await _log.ReadAsync(new ScriptedStream([sent]));
        Assert.Equal(["☕"], _log.Seen);
    }

    [Fact]
    public async Task Frame_that_announces_too_much_is_refused_by_its_header()
    {
        Assert.Equal(1009, await _log.ReadAsync(
            new ScriptedStream([ClientFrame.Header(0x81, FrameLog.MaxBytes + 1)], ends: false)));
        Assert.Equal(
            1009, await _log.ReadAsync(new ScriptedStream([ClientFrame.Header(0x81, long.MaxValue)], ends: false)));
        byte[] together = [.. ClientFrame.Of(FirstText, new byte[600]), .. ClientFrame.Header(LastContinuation, 401)];
        Assert.Equal(1009, await _log.ReadAsync(new ScriptedStream([together], ends: false)));
    }

    [Fact]
    public async Task Message_of_the_largest_size_is_read()
    {
        byte[] sent =
        [
            .. ClientFrame.Of(FirstText, [.. Enumerable.Repeat((byte)'a', 999)]),
            .. ClientFrame.Of(LastContinuation, (byte)'b'),
        ];
        await _log.ReadAsync(new ScriptedStream([sent]));
        Assert.Equal([new string('a', 999) + "b"], _log.Seen);
    }

    [Fact]
    public async Task Compressed_and_plain_messages_may_alternate_in_fragments_around_control_frames()
    {
        var log = new FrameLog(acceptsCompressed: true);
        var deflated = ClientFrame.Deflate("fragmented é☕😀"u8.ToArray());
        byte[] sent =
        [
            .. ClientFrame.CompressedText("one"), .. ClientFrame.Text("plain"), .. ClientFrame.CompressedText("one"),
            .. ClientFrame.Of(0x41, deflated[..1]), .. ClientFrame.Of(Ping, (byte)'1'),
            .. ClientFrame.Of(Continuation), .. ClientFrame.Of(LastContinuation, deflated[1..]),
            .. ClientFrame.Of(FirstText, (byte)'p'), .. ClientFrame.Of(LastContinuation, (byte)'q'),
        ];
        Assert.Equal(0, await log.ReadAsync(new ScriptedStream(sent.Select(b => new[] { b }))));
        Assert.Equal(["one", "plain", "one", "ping 1", "fragmented é☕😀", "pq"], log.Seen);
    }

    public static TheoryData<string, byte[], int> UnacceptableIfCompressed { get; } = new()
    {
        { "reserved bit 2", ClientFrame.Of(0xE1), 1002 },
        { "a compressed ping", ClientFrame.Of(0xC9), 1002 },
        { "a compressed continuation", [.. ClientFrame.Of(0x41), .. ClientFrame.Of(0xC0)], 1002 },
        { "a compressed binary message", ClientFrame.Of(0xC2, 1), 1003 },
        { "not UTF-8", ClientFrame.Of(0xC1, ClientFrame.Deflate([0xC0, 0xAF])), 1007 },
        { "not compressed", ClientFrame.Of(0xC1, 0xFF, 0xFF), 1007 },
        { "a zip bomb", ClientFrame.CompressedText(new string('x', 500_000)), 1009 },
        { "a zip bomb in fragments",
            [.. ClientFrame.Of(0x41, ClientFrame.Deflate(new byte[500_000])[..100]),
                .. ClientFrame.Of(0x80, ClientFrame.Deflate(new byte[500_000])[100..])], 1009 },
        { "announces too much", ClientFrame.Header(0xC1, FrameLog.MaxBytes + 1), 1009 },
    };

    [Theory]
    [MemberData(nameof(UnacceptableIfCompressed))]
    public async Task Invalid_compressed_frame_ends_the_connection(string what, byte[] sent, int status)
    {
        var log = new FrameLog(acceptsCompressed: true);
        Assert.True(await log.ReadAsync(new ScriptedStream([sent], ends: false)) == status, what);
        Assert.Empty(log.Seen);
    }

    [Fact]
    public async Task Empty_frames_of_one_message_are_limited()
    {
        byte[] empty = ClientFrame.Of(Continuation);
        byte[] allowed = [.. ClientFrame.Of(FirstText), .. Enumerable.Repeat(empty, MessageReader.MaxEmptyFrames - 1)
            .SelectMany(f => f)];
        byte[] message = [.. allowed, .. ClientFrame.Of(LastContinuation, (byte)'x')];
        Assert.Equal(0, await _log.ReadAsync(new ScriptedStream([message, message])));
        Assert.Equal(["x", "x"], _log.Seen);
        Assert.Equal(1008, await _log.ReadAsync(new ScriptedStream([allowed, empty], ends: false)));
    }

    [Fact]
    public async Task Idle_reader_waits_without_a_buffer()
    {
        foreach (var sent in new[] { [], ClientFrame.Text("x"), ClientFrame.Of(FirstText, 1),
            ClientFrame.Of(FirstText, 1)[..^1] })
        {
            var stream = new ScriptedStream([sent], ends: false);
            using var reader = new MessageReader(new SocketInput(stream, TimeProvider.System), 1000, _log);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var reading = ReadAllAsync(reader, stop.Token);
            Assert.Equal([0], stream.WaitingReads);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }
    }

    [Fact]
    public async Task Skip_parses_frames_up_to_the_close()
    {
        byte[] tooBig = [.. ClientFrame.Header(0x81, 5000), 0, 0, 0, 0, .. new byte[5000]];
        var stream = new ScriptedStream(
            [[.. tooBig, .. ClientFrame.Text("more"), .. ClientFrame.Of(Close)]], ends: false);
        using var reader = new MessageReader(new SocketInput(stream, TimeProvider.System), 1000, _log);
        await Assert.ThrowsAsync<UnacceptableFrameException>(() => ReadAllAsync(reader, CancellationToken.None));

        await reader.SkipAsync(NewPace(), TestContext.Current.CancellationToken);

        Assert.True(stream.IsRead);
        Assert.Empty(_log.Seen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dropped_bytes_are_read_at_the_pace(bool parses)
    {
        var endless = new ScriptedStream(
            Enumerable.Repeat(new byte[1000], 100).Prepend(ClientFrame.Header(0x81, long.MaxValue)));
        using var reader = new MessageReader(new SocketInput(endless, TimeProvider.System), 1000, _log);
        await Assert.ThrowsAsync<UnacceptableFrameException>(() => ReadAllAsync(reader, CancellationToken.None));

        var pace = NewPace();
        var cancellationToken = TestContext.Current.CancellationToken;
        var dropping = parses
            ? reader.SkipAsync(pace, cancellationToken)
            : reader.DiscardAsync(pace, cancellationToken);

        Assert.InRange(endless.ReadPieces, 16, 19);
        _time.Advance(DrainPace.Pause);
        Assert.InRange(endless.ReadPieces, 32, 36);
        while (!endless.IsRead)
        {
            _time.Advance(DrainPace.Pause);
        }

        // The end of the transport is inside the frame, which only the parser notices.
        Assert.Equal(
            parses ? typeof(EndOfStreamException) : null, (await Record.ExceptionAsync(() => dropping))?.GetType());
        Assert.Empty(_log.Seen);
    }

    [Fact]
    public async Task Dropped_frames_without_payload_are_read_at_the_pace_too()
    {
        var frame = ClientFrame.Of(Ping);
        byte[] thousand = [.. Enumerable.Repeat(frame, 1000).SelectMany(bytes => bytes)];
        var endless = new ScriptedStream(Enumerable.Repeat(thousand, 10));
        using var reader = new MessageReader(new SocketInput(endless, TimeProvider.System), 1000, _log);

        var skipping = reader.SkipAsync(NewPace(), TestContext.Current.CancellationToken);

        // A step is about 120 frames of 6 bytes, so the first thousand takes eight pauses.
        for (var pauses = 0; pauses < 8; pauses++)
        {
            Assert.Equal(1, endless.ReadPieces);
            _time.Advance(DrainPace.Pause);
        }

        Assert.Equal(2, endless.ReadPieces);
        for (var pauses = 0; pauses < 100 && !skipping.IsCompleted; pauses++)
        {
            _time.Advance(DrainPace.Pause);
        }

        await skipping;
        Assert.True(reader.HasLeft);
    }

    private DrainPace NewPace() => new(new DrainBudget(_time), _time);

    private static async Task ReadAllAsync(MessageReader reader, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
        }
    }
}
