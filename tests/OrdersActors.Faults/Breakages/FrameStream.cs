namespace OrdersActors.Faults.Breakages;

/// <summary>A socket's stream; what is written to it in one piece is a number of whole frames, and may be added to.</summary>
internal abstract class FrameStream(Stream real) : Stream
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

    /// <summary>What is to be written besides; called for pieces that begin with an event.</summary>
    protected abstract ReadOnlyMemory<byte> Besides(ReadOnlyMemory<byte> frames);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await real.WriteAsync(buffer, cancellationToken);
        // A frame's header has two to ten bytes.
        if (buffer.Span[..Math.Min(buffer.Length, 32)].IndexOf("""{"type":"event","""u8) is >= 2 and <= 10
            && Besides(buffer) is { Length: > 0 } more)
        {
            await real.WriteAsync(more, cancellationToken);
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
