using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>Checks UTF-8 that comes in pieces.</summary>
internal static class Utf8Prefix
{
    // A character has at most four bytes, so an incomplete one has at most three.
    private const int LongestIncomplete = 3;

    /// <summary>
    /// Returns how many of these bytes are whole characters, if the remaining bytes may still become one. Returns -1 if
    /// the bytes are invalid, whatever follows them.
    /// </summary>
    public static int Check(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return bytes.Length;
        }

        for (var incomplete = 1; incomplete <= Math.Min(LongestIncomplete, bytes.Length); incomplete++)
        {
            if ((bytes[^incomplete] & 0xC0) == 0xC0)
            {
                // The last character begins here. Rune knows the sequences that no further byte can make valid.
                return Rune.DecodeFromUtf8(bytes[^incomplete..], out _, out _) == OperationStatus.NeedMoreData
                    && Utf8.IsValid(bytes[..^incomplete])
                        ? bytes.Length - incomplete
                        : -1;
            }
        }

        return -1;
    }
}
