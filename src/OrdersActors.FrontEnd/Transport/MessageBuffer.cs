using System.Buffers;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The message that is being received. Its bytes are in a rented buffer that grows with the bytes that have come.
/// Between messages it holds no buffer. A compressed message is inflated when it is complete, and never to more than
/// the maximum size plus one byte.
/// </summary>
internal sealed class MessageBuffer(int maxBytes) : IDisposable
{
    // Most messages are a subscribe of under 200 bytes.
    private const int FirstSize = 512;

    private byte[]? _buffer;
    private int _checked;
    private bool _isCompressed;

    /// <summary>Whether a message has begun and not ended.</summary>
    public bool IsOpen { get; private set; }

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    public void Open(bool isCompressed = false) => (IsOpen, _isCompressed) = (true, isCompressed);

    /// <summary>
    /// Adds a masked part of a frame's payload: unmasks it, and checks its UTF-8 unless it is compressed.
    /// </summary>
    /// <exception cref="UnacceptableFrameException">The bytes are not UTF-8, whatever follows them.</exception>
    public void Append(ReadOnlySpan<byte> masked, uint mask, long offset)
    {
        Grow(Length + masked.Length);
        var added = _buffer.AsSpan(Length, masked.Length);
        masked.CopyTo(added);
        FrameMask.Apply(added, mask, offset);
        Length += masked.Length;
        if (!_isCompressed)
        {
            CheckUtf8();
        }
    }

    /// <summary>Ends the message: inflates it if it is compressed, and checks its end.</summary>
    /// <exception cref="UnacceptableFrameException">
    /// The message is not UTF-8 or ends inside a character, is too long when it is inflated, or cannot be inflated.
    /// </exception>
    public void Complete()
    {
        if (_isCompressed)
        {
            Inflate();
            CheckUtf8();
        }

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

        (IsOpen, Length, _checked, _isCompressed) = (false, 0, 0, false);
    }

    public void Dispose() => Clear();

    private void CheckUtf8()
    {
        var valid = Utf8Prefix.Check(_buffer.AsSpan(_checked, Length - _checked));
        _checked = valid >= 0 ? _checked + valid : throw UnacceptableFrameException.InvalidUtf8();
    }

    private void Inflate()
    {
        Grow(Length + MessageDeflate.Tail.Length);
        MessageDeflate.Tail.CopyTo(_buffer.AsSpan(Length));
        var compressed = _buffer!;
        using var content = MessageDeflate.Inflate(compressed, Length + MessageDeflate.Tail.Length);
        (_buffer, Length) = (null, 0);
        try
        {
            ReadAll(content);
        }
        catch (InvalidDataException)
        {
            throw UnacceptableFrameException.InvalidCompression();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }

    private void ReadAll(Stream content)
    {
        int read;
        do
        {
            // With one byte of room beyond the maximum, a message that is too long shows.
            Grow(Length + 1);
            read = content.Read(_buffer.AsSpan(Length, Math.Min(_buffer!.Length, maxBytes + 1) - Length));
            Length += read;
            if (Length > maxBytes)
            {
                throw UnacceptableFrameException.MessageTooBig(maxBytes);
            }
        }
        while (read > 0);
    }

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
