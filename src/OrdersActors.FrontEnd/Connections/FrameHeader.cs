using System.Buffers.Binary;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>The meaning of a frame (RFC 6455, section 5.2). Other values are reserved.</summary>
internal enum Opcode : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

/// <summary>The header of a client's frame (RFC 6455, section 5.2), as it was sent: nothing is checked here.</summary>
/// <param name="IsFinal">Whether the frame ends its message.</param>
/// <param name="Reserved">The three reserved bits; no extension that uses them is negotiated.</param>
/// <param name="Opcode">The meaning, possibly a reserved one.</param>
/// <param name="IsMasked">Whether the payload is masked, which a client must do.</param>
/// <param name="Length">The payload's length in bytes; negative if the client set the highest bit, which it must not.</param>
/// <param name="IsShortest">Whether the length is written in the shortest form, which a client must use.</param>
/// <param name="Mask">The masking key, in the order of its bytes.</param>
internal readonly record struct FrameHeader(
    bool IsFinal, int Reserved, Opcode Opcode, bool IsMasked, long Length, bool IsShortest, uint Mask)
{
    /// <summary>The longest header: two bytes, eight of length, four of mask.</summary>
    public const int MaxLength = 14;

    /// <summary>Whether the frame is a close, ping or pong, or a reserved control frame.</summary>
    public bool IsControl => ((byte)Opcode & 0x8) != 0;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">The first bytes of the frame.</param>
    /// <param name="header">The header, if there are enough bytes.</param>
    /// <param name="headerLength">The header's length in bytes.</param>
    /// <returns>False if more bytes are needed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header, out int headerLength)
    {
        header = default;
        headerLength = 2;
        if (bytes.Length < 2)
        {
            return false;
        }

        var isMasked = (bytes[1] & 0x80) != 0;
        var lengthCode = bytes[1] & 0x7F;
        var lengthBytes = lengthCode switch { 126 => 2, 127 => 8, _ => 0 };
        headerLength = 2 + lengthBytes + (isMasked ? 4 : 0);
        if (bytes.Length < headerLength)
        {
            return false;
        }

        var length = lengthBytes switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
            _ => lengthCode,
        };
        var isShortest = lengthBytes switch { 2 => length > 125, 8 => length is < 0 or > ushort.MaxValue, _ => true };
        var mask = isMasked ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(2 + lengthBytes)..]) : 0;
        header = new FrameHeader(
            (bytes[0] & 0x80) != 0, (bytes[0] >> 4) & 0x7, (Opcode)(bytes[0] & 0xF), isMasked, length, isShortest, mask);
        return true;
    }
}
