using System.Text;

namespace OrdersActors.Tests.Abstractions.Events;

public sealed class LineReaderTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\r\n\r\nb\n\nc", new[] { "a", "", "b", "", "c" })]
    [InlineData("\uFEFFa\n\uFEFFb", new[] { "a", "\uFEFFb" })]
    [InlineData("\uFEFF", new[] { "" })]
    public async Task Lines_end_with_LF_or_CR_LF_and_a_byte_order_mark_is_skipped(string text, string[] lines)
    {
        Assert.Equal(lines, await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(lines, await ReadAsync(new TrickleStream(Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public async Task Long_lines_are_read_completely()
    {
        string[] lines = [new('a', 200_000), "b", new('c', LineReader.MaxLength), "d"];
        Assert.Equal(lines, await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)))));
    }

    [Fact]
    public async Task Endless_line_is_refused_while_it_is_read()
    {
        await using var endless = new EndlessStream();
        var reader = new LineReader(endless);
        Assert.Equal("first", Text(await reader.ReadAsync(Token)));
        var e = await Assert.ThrowsAsync<BadLineException>(() => reader.ReadAsync(Token).AsTask());
        Assert.Equal($"line 2: must have at most {LineReader.MaxLength} bytes", e.Message);
        Assert.InRange(endless.Given, LineReader.MaxLength, 4 * LineReader.MaxLength);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'a', (byte)'\n', (byte)'b', 0xE9, (byte)'\n' }, "line 2: must be UTF-8, is not")]
    [InlineData(new byte[] { 0xC3 }, "line 1: must be UTF-8, is not")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "line 1: must be UTF-8, is not")]
    [InlineData(new byte[] { 0x1F, 0x8B, 0x08, 0 }, "line 1: must be UTF-8, is not")]
    [InlineData(
        new byte[] { 0xFF, 0xFE, (byte)'{', 0 }, "line 1: must be UTF-8, begins with the byte-order mark of UTF-16")]
    [InlineData(
        new byte[] { 0xFE, 0xFF, 0, (byte)'{' }, "line 1: must be UTF-8, begins with the byte-order mark of UTF-16")]
    public async Task Line_that_is_not_UTF_8_is_named(byte[] bytes, string message)
    {
        var e = await Assert.ThrowsAsync<BadLineException>(() => ReadAsync(new MemoryStream(bytes)));
        Assert.Equal(message, e.Message);
    }

    [Fact]
    public async Task Read_that_waits_for_input_ends_on_cancellation()
    {
        using var cancelled = new CancellationTokenSource();
        await using var silent = new SilentStream();
        var reading = new LineReader(silent).ReadAsync(cancelled.Token).AsTask();
        Assert.False(reading.IsCompleted);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Text(ReadOnlyMemory<byte>? line) => Encoding.UTF8.GetString(line!.Value.Span);

    private static async Task<List<string>> ReadAsync(Stream stream)
    {
        var reader = new LineReader(stream);
        var lines = new List<string>();
        while (await reader.ReadAsync(Token) is { } line)
        {
            lines.Add(Text(line));
            Assert.Equal(lines.Count, reader.Number);
        }

        return lines;
    }

    /// <summary>Returns one byte at a time.</summary>
    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }

    /// <summary>Returns one line, and then a line that never ends.</summary>
    private sealed class EndlessStream : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            if (Given == 0)
            {
                "first\n"u8.CopyTo(buffer.Span);
            }

            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }

    /// <summary>A terminal without input. It ignores cancellation, as terminals do.</summary>
    private sealed class SilentStream : MemoryStream
    {
        private readonly TaskCompletionSource<int> _never = new();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(_never.Task);
    }
}
