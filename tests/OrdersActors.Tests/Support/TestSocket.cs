using System.Buffers.Binary;
using System.Text;
using System.Threading.Channels;

namespace OrdersActors.Tests.Support;

/// <summary>The server's side of a client's transport. The test sends bytes and reads what the server wrote.</summary>
internal sealed class TestSocket : Stream
{
    private readonly Channel<byte[]> _sent = Channel.CreateUnbounded<byte[]>();
    private readonly MemoryStream _written = new();
    private ReadOnlyMemory<byte> _current;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The client reads nothing until this task is completed.</summary>
    public Task Reading { get; set; } = Task.CompletedTask;

    /// <summary>Whether the server has begun to write.</summary>
    public bool HasWriteBegun { get; private set; }

    /// <summary>The texts of the server's messages.</summary>
    public IEnumerable<string> Messages =>
        Frames().Where(frame => frame.Opcode == 1).Select(frame => Encoding.UTF8.GetString(frame.Payload));

    /// <summary>The payloads of the server's pongs, as text.</summary>
    public IEnumerable<string> Pongs =>
        Frames().Where(frame => frame.Opcode == 10).Select(frame => Encoding.UTF8.GetString(frame.Payload));

    /// <summary>The status of the server's close frame; 0 before it has come.</summary>
    public int CloseStatus => Frames().Where(frame => frame.Opcode == 8)
        .Select(frame => (int)BinaryPrimitives.ReadUInt16BigEndian(frame.Payload)).SingleOrDefault();

    /// <summary>Everything that the server has written.</summary>
    public byte[] Written
    {
        get
        {
            lock (_written)
            {
                return _written.ToArray();
            }
        }
    }

    /// <summary>The client sends these bytes.</summary>
    public void Send(params byte[] bytes) => _sent.Writer.TryWrite(bytes);

    /// <summary>The client ends its side.</summary>
    public void End() => _sent.Writer.TryComplete();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_current.IsEmpty)
        {
            if (!await _sent.Reader.WaitToReadAsync(cancellationToken))
            {
                return 0;
            }

            _sent.Reader.TryRead(out var next);
            _current = next;
        }

        var count = Math.Min(buffer.Length, _current.Length);
        _current[..count].CopyTo(buffer);
        _current = _current[count..];
        return count;
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        HasWriteBegun = true;
        await Reading;
        lock (_written)
        {
            _written.Write(buffer.Span);
        }
    }

    // Every write contains whole frames with payloads below 64 KiB.
    private List<(int Opcode, byte[] Payload)> Frames()
    {
        var frames = new List<(int, byte[])>();
        for (ReadOnlyMemory<byte> rest = Written; rest.Length > 0;)
        {
            var header = rest.Span[1] == 126 ? 4 : 2;
            var length = header == 4 ? (rest.Span[2] << 8) | rest.Span[3] : rest.Span[1];
            frames.Add((rest.Span[0] & 0x0F, rest.Slice(header, length).ToArray()));
            rest = rest[(header + length)..];
        }

        return frames;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
