using System.Buffers;
using System.Buffers.Binary;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Reads a client's frames from the upgraded stream: headers, and payloads piece by piece as they arrive. While nothing comes it holds
/// no buffer: it waits on an empty read.
/// </summary>
/// <param name="stream">The upgraded stream.</param>
/// <param name="onRead">Called whenever bytes have arrived: the client lives.</param>
internal sealed class FrameReader(Stream stream, Action onRead) : IDisposable
{
    // Most messages are a subscribe of under 200 bytes; a burst of them is read together.
    private const int BufferSize = 4096;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    private ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Reads the next frame's header; null if the transport has ended.</summary>
    public async ValueTask<FrameHeader?> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        FrameHeader header;
        int length;
        while (!FrameHeader.TryRead(Unread, out header, out length))
        {
            if (!await FillAsync(cancellationToken))
            {
                return null;
            }
        }

        _start += length;
        return header;
    }

    /// <summary>
    /// Reads a piece of the current frame's payload, unmasked in place; valid until the next call. Empty if the transport has ended.
    /// </summary>
    /// <param name="header">The frame.</param>
    /// <param name="offset">How much of the payload was read before, in bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<ReadOnlyMemory<byte>> ReadPayloadAsync(FrameHeader header, long offset, CancellationToken cancellationToken)
    {
        if (_start == _end && !await FillAsync(cancellationToken))
        {
            return default;
        }

        var piece = _buffer.AsMemory(_start, (int)Math.Min(_end - _start, header.Length - offset));
        _start += piece.Length;
        Unmask(piece.Span, header.Mask, offset);
        return piece;
    }

    public void Dispose() => Release();

    /// <summary>Reads what has arrived, behind what is still unread. False if the transport has ended.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            Release();
            await stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
            _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        }
        else if (_start > 0)
        {
            // Less than a header.
            Unread.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (count == 0)
        {
            return false;
        }

        _end += count;
        onRead();
        return true;
    }

    private void Release()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _start, _end) = (null, 0, 0);
    }

    private static void Unmask(Span<byte> payload, uint mask, long offset)
    {
        if (mask == 0)
        {
            return;
        }

        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(key, mask);
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= key[(int)((offset + i) & 3)];
        }
    }
}
