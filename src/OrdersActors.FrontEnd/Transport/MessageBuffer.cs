using System.Buffers;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The message that is being received. Its bytes are in a rented buffer that grows with the bytes that have come.
/// Between messages it holds no buffer.
/// </summary>
internal sealed class MessageBuffer(int maxBytes) : IDisposable
{
    // Most messages are a subscribe of under 200 bytes.
    private const int FirstSize = 512;

    private byte[]? _buffer;
    private int _checked;

    /// <summary>Whether a message has begun and not ended.</summary>
    public bool IsOpen { get; private set; }

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    public void Open() => IsOpen = true;

    /// <summary>Adds a masked part of a frame's payload: unmasks it and checks its UTF-8.</summary>
    /// <exception cref="UnacceptableFrameException">The bytes are not UTF-8, whatever follows them.</exception>
    public void Append(ReadOnlySpan<byte> masked, uint mask, long offset)
    {
        Grow(Length + masked.Length);
        var added = _buffer.AsSpan(Length, masked.Length);
        masked.CopyTo(added);
        FrameMask.Apply(added, mask, offset);
        Length += masked.Length;
        var valid = Utf8Prefix.Check(_buffer.AsSpan(_checked, Length - _checked));
        _checked = valid >= 0 ? _checked + valid : throw UnacceptableFrameException.InvalidUtf8();
    }

    /// <summary>Checks that the message does not end inside a character.</summary>
    /// <exception cref="UnacceptableFrameException">The message ends inside a character.</exception>
    public void Complete()
    {
        if (_checked != Length)
        {
            throw UnacceptableFrameException.InvalidUtf8();
        }
    }

    /// <summary>Drops the message and returns the buffer.</summary>
    public void Clear()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }

        (IsOpen, Length, _checked) = (false, 0, 0);
    }

    public void Dispose() => Clear();

    private void Grow(int length)
    {
        if (_buffer is not null && length <= _buffer.Length)
        {
            return;
        }

        var size = Math.Max(length, Math.Min(maxBytes, Math.Max(FirstSize, (_buffer?.Length ?? 0) * 2)));
        var larger = ArrayPool<byte>.Shared.Rent(size);
        if (_buffer is not null)
        {
            _buffer.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
    }
}
