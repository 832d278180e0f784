using System.Buffers.Binary;
using System.Text;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// Encodes server frames (RFC 6455, section 5.2). A server does not mask frames, so all connections can share an
/// encoded one.
/// </summary>
internal static class WebSocketFrame
{
    private const byte Final = 0x80;
    private const byte Compressed = 0x40;
    private const int MaxControlPayload = 125;

    /// <summary>
    /// Bytes that a queued frame takes in addition to its own: an array's header (24), and its slot in a list that
    /// grows by doubling (8 to 16).
    /// </summary>
    public const int Overhead = 40;

    /// <summary>A ping without a payload.</summary>
    public static byte[] Ping { get; } = [Final | (byte)Opcode.Ping, 0];

    /// <summary>The memory that a queued frame takes.</summary>
    public static int Cost(byte[] frame) => frame.Length + Overhead;

    public static byte[] Text(ReadOnlySpan<byte> payload)
    {
        var frame = AllocateText(payload.Length, out var target);
        payload.CopyTo(target);
        return frame;
    }

    /// <summary>A text frame with the compressed payload of a message (RFC 7692, section 6).</summary>
    public static byte[] CompressedText(ReadOnlySpan<byte> payload)
    {
        var frame = Text(payload);
        frame[0] |= Compressed;
        return frame;
    }

    /// <summary>Creates a text frame for a payload of this length. The caller must fill in the payload.</summary>
    public static byte[] AllocateText(int length, out Span<byte> payload)
    {
        var header = length switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };
        var frame = GC.AllocateUninitializedArray<byte>(header + length);
        frame[0] = Final | (byte)Opcode.Text;
        switch (header)
        {
            case 2:
                frame[1] = (byte)length;
                break;
            case 4:
                frame[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)length);
                break;
            default:
                frame[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)length);
                break;
        }

        payload = frame.AsSpan(header);
        return frame;
    }

    /// <summary>The payload of a frame of this class.</summary>
    public static ReadOnlySpan<byte> PayloadOf(byte[] frame) =>
        frame.AsSpan(frame[1] switch { 126 => 4, 127 => 10, _ => 2 });

    /// <summary>The answer to a ping, which repeats the ping's payload.</summary>
    public static byte[] Pong(ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxControlPayload, nameof(payload));
        var frame = new byte[2 + payload.Length];
        frame[0] = Final | (byte)Opcode.Pong;
        frame[1] = (byte)payload.Length;
        payload.CopyTo(frame.AsSpan(2));
        return frame;
    }

    public static byte[] Close(ushort status, string reason)
    {
        var length = 2 + Encoding.UTF8.GetByteCount(reason);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxControlPayload, nameof(reason));
        var frame = new byte[2 + length];
        frame[0] = Final | (byte)Opcode.Close;
        frame[1] = (byte)length;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), status);
        Encoding.UTF8.GetBytes(reason, frame.AsSpan(4));
        return frame;
    }
}
