using System.IO.Compression;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// Compresses and inflates single messages (RFC 7692, section 7.2). No message refers to an earlier one, so that a
/// compressed frame is the same for all connections and a connection keeps no state.
/// </summary>
internal static class MessageDeflate
{
    /// <summary>
    /// Shorter frames are not compressed. At this size an event saves a few bytes at most, less than the headers of
    /// its packet.
    /// </summary>
    public const int MinBytes = 128;

    /// <summary>The end of every flush. A compressed message is sent without it, and inflated with it.</summary>
    public static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF];

    /// <summary>
    /// Returns the compressed frame of a text frame, or the frame itself if it is short or would not become smaller.
    /// </summary>
    /// <remarks>
    /// It takes 20 µs for 250 bytes and 0.5 ms for 47 KB, once for all connections. The fastest level takes 12 µs and
    /// 0.1 ms, but saves 8 % instead of 24 % of 250 bytes.
    /// </remarks>
    public static byte[] Compress(byte[] frame)
    {
        if (frame.Length < MinBytes)
        {
            return frame;
        }

        using var output = new MemoryStream(frame.Length);
        using var deflate = new DeflateStream(output, CompressionLevel.Optimal);
        deflate.Write(WebSocketFrame.PayloadOf(frame));
        deflate.Flush();
        // Read before the stream is disposed, which adds a final block.
        var compressed = WebSocketFrame.CompressedText(
            output.GetBuffer().AsSpan(0, (int)output.Length - Tail.Length));
        return compressed.Length < frame.Length ? compressed : frame;
    }

    /// <summary>
    /// Returns the content of a compressed message that <see cref="Tail"/> follows. The content may be endless compared
    /// with the message, so the caller must limit what it reads. If a block is marked as the final one, the content
    /// ends with it.
    /// </summary>
    public static Stream Inflate(byte[] compressed, int length) => new DeflateStream(
        new MemoryStream(compressed, 0, length, writable: false), CompressionMode.Decompress);
}
