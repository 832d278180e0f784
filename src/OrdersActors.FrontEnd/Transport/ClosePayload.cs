using System.Buffers.Binary;
using System.Text.Unicode;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>The payload of a client's close frame (RFC 6455, sections 5.5.1 and 7.4).</summary>
internal static class ClosePayload
{
    private const ushort NormalClosure = 1000;

    /// <summary>Returns the status for the answer: the client's own, or 1000 if the client gave none.</summary>
    /// <exception cref="UnacceptableFrameException">The status may not be sent, or the reason is not UTF-8.</exception>
    public static ushort Read(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return NormalClosure;
        }

        if (payload.Length == 1)
        {
            throw UnacceptableFrameException.Violation("a close frame must carry a status of two bytes, or nothing");
        }

        var status = BinaryPrimitives.ReadUInt16BigEndian(payload);
        // Allowed are the registered statuses except 1004 to 1006 and 1015, those of libraries, and those of
        // applications.
        if (status is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999)))
        {
            throw UnacceptableFrameException.Violation($"the close status {status} may not be sent");
        }

        return Utf8.IsValid(payload[sizeof(ushort)..])
            ? status
            : throw UnacceptableFrameException.InvalidUtf8();
    }
}
