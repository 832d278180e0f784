using System.Buffers.Binary;
using System.Text;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Encodes server frames (RFC 6455, section 5.2). A server does not mask, so one encoded frame serves every connection.
/// </summary>
internal static class WebSocketFrame
{
    private const byte Final = 0x80;
    private const byte TextOpcode = 0x1;
    private const byte CloseOpcode = 0x8;
    private const byte PingOpcode = 0x9;
    private const int MaxControlPayload = 125;

    /// <summary>A ping without a payload.</summary>
    public static byte[] Ping { get; } = [Final | PingOpcode, 0];

    /// <summary>Whether a frame, given its first byte, is a close frame.</summary>
    public static bool IsClose(byte first) => (first & 0xF) == CloseOpcode;

    public static byte[] Text(ReadOnlySpan<byte> payload)
    {
        var frame = AllocateText(payload.Length, out var target);
        payload.CopyTo(target);
        return frame;
    }

    /// <summary>Makes a text frame of the right size whose payload is to be filled in.</summary>
    public static byte[] AllocateText(int length, out Span<byte> payload)
    {
        var header = length switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };
        var frame = GC.AllocateUninitializedArray<byte>(header + length);
        frame[0] = Final | TextOpcode;
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

    public static byte[] Close(ushort status, string reason)
    {
        var length = 2 + Encoding.UTF8.GetByteCount(reason);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxControlPayload, nameof(reason));
        var frame = new byte[2 + length];
        frame[0] = Final | CloseOpcode;
        frame[1] = (byte)length;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), status);
        Encoding.UTF8.GetBytes(reason, frame.AsSpan(4));
        return frame;
    }
}
