namespace OrdersActors.Tests.FrontEnd.Transport;

/// <summary>
/// A socket whose client has sent pieces. Each read returns one piece at most. After the last piece, the client sends
/// nothing more or ends its side.
/// </summary>
internal sealed class ScriptedStream(IEnumerable<byte[]> pieces, bool ends = true) : Stream
{
    private readonly Queue<byte[]> _pieces = new(pieces);
    private ReadOnlyMemory<byte> _current;

    /// <summary>The buffer sizes of the reads that wait for data.</summary>
    public List<int> WaitingReads { get; } = [];

    /// <summary>The number of pieces whose reading has begun.</summary>
    public int ReadPieces { get; private set; }

    /// <summary>Whether everything has been read.</summary>
    public bool IsRead => _current.IsEmpty && _pieces.Count == 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_current.IsEmpty && _pieces.TryDequeue(out var next))
        {
            _current = next;
            ReadPieces++;
        }

        if (_current.IsEmpty && !ends)
        {
            WaitingReads.Add(buffer.Length);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        var count = Math.Min(buffer.Length, _current.Length);
        _current[..count].CopyTo(buffer);
        _current = _current[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
