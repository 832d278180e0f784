using System.Text.Unicode;

namespace OrdersActors;

/// <summary>
/// Reads the lines of a UTF-8 stream. Lines end with LF or CR LF; the last line may have no line end. A byte-order mark
/// at the start is skipped.
/// </summary>
/// <remarks>
/// Bounded: a line of more than <see cref="MaxLength"/> bytes is refused while it is read. The buffer doubles as
/// needed, to at most twice that length.
/// </remarks>
internal sealed class LineReader(Stream stream)
{
    /// <summary>
    /// The maximum length of a line in bytes. The largest event has 64 KiB of details and less than 4 KiB of other
    /// fields. If every character is escaped with six bytes, that is 408 KiB; the rest is room for white space.
    /// </summary>
    public const int MaxLength = 1024 * 1024;

    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _searched;
    private bool _isEnd;

    /// <summary>The 1-based number of the last line that was read.</summary>
    public long Number { get; private set; }

    /// <summary>The number of bytes of the lines read so far, with their line ends.</summary>
    public long Position { get; private set; }

    /// <summary>
    /// Reads a line without its line end; null at the end of the stream. The memory is valid until the next call.
    /// </summary>
    /// <exception cref="BadLineException">The line is too long, or not UTF-8.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = _buffer.AsSpan(_start + _searched, _end - _start - _searched).IndexOf((byte)'\n');
            var length = found < 0 ? _end - _start : _searched + found;
            if (length > MaxLength)
            {
                throw new BadLineException(Number + 1, $"must have at most {MaxLength} bytes");
            }

            if (found >= 0)
            {
                return Take(length, end: 1);
            }

            if (_isEnd)
            {
                // A plain null would convert to an empty line.
                return length > 0 ? Take(length, end: 0) : default(ReadOnlyMemory<byte>?);
            }

            _searched = length;
            await FillAsync(cancellationToken);
        }
    }

    private ReadOnlyMemory<byte> Take(int length, int end)
    {
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
        _start += length + end;
        _searched = 0;
        Position += length + end;
        Number++;
        if (Number == 1)
        {
            line = WithoutMark(line);
        }

        if (line.Span is [.., (byte)'\r'])
        {
            line = line[..^1];
        }

        return Utf8.IsValid(line.Span) ? line : throw new BadLineException(Number, "must be UTF-8, is not");
    }

    private ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> line) => line.Span switch
    {
        [0xEF, 0xBB, 0xBF, ..] => line[3..],
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] =>
            throw new BadLineException(Number, "must be UTF-8, begins with the byte-order mark of UTF-16"),
        _ => line,
    };

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        else if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        // A read from a terminal or a pipe cannot be cancelled. WaitAsync abandons it; the process ends soon after.
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken)
            .AsTask().WaitAsync(cancellationToken);
        _end += read;
        _isEnd = read == 0;
    }
}
