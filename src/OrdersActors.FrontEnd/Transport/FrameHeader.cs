using System.Buffers.Binary;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>The header of a client's frame (RFC 6455, section 5.2). Its checks need no other frame.</summary>
/// <param name="Opcode">The kind of frame.</param>
/// <param name="IsFinal">Whether it is the last frame of its message.</param>
/// <param name="Length">The number of payload bytes.</param>
/// <param name="IsCompressed">Whether it begins a compressed message (RFC 7692, section 6).</param>
/// <remarks>
/// The header is read in three steps: two bytes, the extended length, and the four bytes of the mask. So a bad frame is
/// refused as soon as the bytes that show the fault are there.
/// </remarks>
internal readonly record struct FrameHeader(Opcode Opcode, bool IsFinal, long Length, bool IsCompressed = false)
{
    public const int MaskSize = 4;

    /// <summary>The size of the start of every frame: two bytes.</summary>
    public const int StartSize = 2;

    private const int Final = 0x80;
    private const int Reserved = 0x70;
    private const int Compressed = 0x40;
    private const int OpcodeBits = 0x0F;
    private const int Masked = 0x80;
    private const int LengthBits = 0x7F;
    private const int TwoByteLength = 126;
    private const int EightByteLength = 127;

    public bool IsControl => (int)Opcode >= (int)Opcode.Close;

    /// <summary>Checks the first two bytes and returns the size of the header without the mask.</summary>
    /// <param name="first">The first byte.</param>
    /// <param name="second">The second byte.</param>
    /// <param name="acceptsCompressed">Whether compression was agreed on.</param>
    /// <exception cref="UnacceptableFrameException">The client broke the framing.</exception>
    public static int CheckStart(byte first, byte second, bool acceptsCompressed = false)
    {
        if ((first & Reserved) != 0 && !(acceptsCompressed && BeginsCompressed(first)))
        {
            throw UnacceptableFrameException.Violation(
                acceptsCompressed
                    ? "a reserved bit is set, but the frame does not begin a compressed message"
                    : "a reserved bit is set, but no extension was agreed on");
        }

        if ((first & OpcodeBits) is not (<= (int)Opcode.Binary or >= (int)Opcode.Close and <= (int)Opcode.Pong))
        {
            throw UnacceptableFrameException.Violation($"the opcode {first & OpcodeBits} is reserved");
        }

        if ((second & Masked) == 0)
        {
            throw UnacceptableFrameException.Violation("a client's frames must be masked");
        }

        var length = second & LengthBits;
        if ((first & OpcodeBits) >= (int)Opcode.Close && ((first & Final) == 0 || length >= TwoByteLength))
        {
            throw UnacceptableFrameException.Violation("a control frame must be one frame of at most 125 bytes");
        }

        return StartSize + length switch { EightByteLength => sizeof(ulong), TwoByteLength => sizeof(ushort), _ => 0 };
    }

    /// <summary>Parses the header without the mask. Its size is the result of <see cref="CheckStart"/>.</summary>
    /// <exception cref="UnacceptableFrameException">The client broke the framing.</exception>
    public static FrameHeader Parse(ReadOnlySpan<byte> bytes)
    {
        var length = (bytes[1] & LengthBits) switch
        {
            EightByteLength => BinaryPrimitives.ReadUInt64BigEndian(bytes[StartSize..]),
            TwoByteLength => BinaryPrimitives.ReadUInt16BigEndian(bytes[StartSize..]),
            var small => (ulong)small,
        };
        var shortest = length switch { < TwoByteLength => 0, <= ushort.MaxValue => sizeof(ushort), _ => sizeof(ulong) };
        if (length > long.MaxValue || bytes.Length != StartSize + shortest)
        {
            throw UnacceptableFrameException.Violation(
                "a length must be encoded in the fewest bytes, and its highest bit must be 0");
        }

        return new FrameHeader(
            (Opcode)(bytes[0] & OpcodeBits), (bytes[0] & Final) != 0, (long)length, (bytes[0] & Compressed) != 0);
    }

    private static bool BeginsCompressed(byte first) =>
        (first & Reserved) == Compressed && (first & OpcodeBits) is (int)Opcode.Text or (int)Opcode.Binary;
}
