using System.Buffers.Binary;
using System.IO.Compression;

namespace OrdersActors.Tests.FrontEnd.Transport;

/// <summary>The bytes of a client's frames.</summary>
internal static class ClientFrame
{
    public static byte[] Text(string text) => Of(0x81, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>A message that is compressed as RFC 7692 describes, in one frame.</summary>
    public static byte[] CompressedText(string text) => Of(0xC1, Deflate(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>The payload of a compressed message.</summary>
    public static byte[] Deflate(byte[] content)
    {
        if (content.Length == 0)
        {
            // RFC 7692, section 7.2.3.6. The runtime's compressor does not begin a block for nothing.
            return [0];
        }

        using var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.Optimal);
        deflate.Write(content);
        deflate.Flush();
        return output.ToArray()[..^4];
    }

    /// <summary>A masked frame with the given first byte.</summary>
    public static byte[] Of(byte first, params byte[] payload)
    {
        byte[] mask = [0x37, 0xFA, 0x21, 0x3D];
        return [.. Header(first, payload.Length), .. mask, .. payload.Select((b, i) => (byte)(b ^ mask[i % 4]))];
    }

    /// <summary>The bytes before the mask.</summary>
    public static byte[] Header(byte first, long length)
    {
        var eight = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(eight, length);
        return length switch
        {
            < 126 => [first, (byte)(0x80 | length)],
            <= ushort.MaxValue => [first, 0x80 | 126, .. eight[6..]],
            _ => [first, 0x80 | 127, .. eight],
        };
    }
}
