using System.Buffers;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The bytes that a client has sent. While no bytes come, it holds no buffer: it waits with an empty read and rents a
/// buffer only when bytes can be read.
/// </summary>
/// <remarks>Used only by the connection's reader, one call at a time.</remarks>
internal sealed class SocketInput(Stream socket, TimeProvider time) : IDisposable
{
    /// <summary>Room for several messages: most of them are a subscribe of under 200 bytes.</summary>
    private const int BufferSize = 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    // Whether the caller has waited, so that the next read need not. Each wait is a system call.
    private bool _hasWaited;

    /// <summary>
    /// When bytes were read last; before that, when the input was created. The owner may set it. A timestamp of the
    /// time provider.
    /// </summary>
    public long LastReadAt { get; set; } = time.GetTimestamp();

    /// <summary>The bytes that are not consumed. Valid until the next call.</summary>
    public Span<byte> Bytes => _buffer.AsSpan(_start, _end - _start);

    public void Consume(int count)
    {
        _start += count;
        if (_start == _end)
        {
            Release();
        }
    }

    /// <summary>Waits until there are bytes to read or the client has ended its side.</summary>
    public ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        _hasWaited = _buffer is null;
        return _hasWaited ? socket.ReadAsync(Memory<byte>.Empty, cancellationToken) : ValueTask.FromResult(0);
    }

    /// <summary>
    /// Reads until this many bytes are available. The number must be smaller than the size of the buffer. Returns false
    /// if the client has ended its side before.
    /// </summary>
    public ValueTask<bool> TryFillAsync(int count, CancellationToken cancellationToken) =>
        HasAtLeast(count) ? ValueTask.FromResult(true) : ReadAsync(count, cancellationToken);

    /// <summary>The same as <see cref="TryFillAsync"/> in a place where the client must not end its side.</summary>
    /// <exception cref="EndOfStreamException">The client ended its side.</exception>
    public ValueTask FillAsync(int count, CancellationToken cancellationToken) =>
        HasAtLeast(count) ? ValueTask.CompletedTask : RequireAsync(count, cancellationToken);

    public void Dispose() => Release();

    private bool HasAtLeast(int count) => _end - _start >= count;

    private async ValueTask RequireAsync(int count, CancellationToken cancellationToken)
    {
        if (!await ReadAsync(count, cancellationToken))
        {
            throw new EndOfStreamException("The client ended the transport without a close frame.");
        }
    }

    private async ValueTask<bool> ReadAsync(int count, CancellationToken cancellationToken)
    {
        if (!_hasWaited)
        {
            await WaitAsync(cancellationToken);
        }

        _hasWaited = false;
        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
        if (_start > 0)
        {
            Bytes.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        while (_end < count)
        {
            var read = await socket.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return false;
            }

            _end += read;
            LastReadAt = time.GetTimestamp();
        }

        return true;
    }

    private void Release()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _start, _end) = (null, 0, 0);
        }
    }
}
