namespace OrdersActors.Faults.Breakages;

/// <summary>
/// A socket's stream. A connection writes only whole frames in one call. So a write that begins with an event can be
/// omitted, repeated or replaced without breaking the framing.
/// </summary>
/// <param name="real">The socket's stream.</param>
/// <param name="tamper">Returns the pieces to write instead of a piece.</param>
internal sealed class FrameStream(Stream real, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>[]> tamper) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The header of a frame has two to ten bytes.
        var isEvent = buffer.Span[..Math.Min(buffer.Length, 32)].IndexOf("""{"type":"event","""u8) is >= 2 and <= 10;
        foreach (var piece in isEvent ? tamper(buffer) : [buffer])
        {
            await real.WriteAsync(piece, cancellationToken);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        real.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        real.ReadAsync(buffer, offset, count, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => real.FlushAsync(cancellationToken);

    public override void Flush() => real.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
