namespace OrdersActors.EndToEndTests.Protocol.Rfc6455;

/// <summary>Frames as a client may send them, and as it must not.</summary>
internal static class ClientFrame
{
    private static readonly byte[] Mask = [0x12, 0x34, 0x56, 0x78];

    /// <summary>A masked frame whose length is written in the shortest form.</summary>
    /// <param name="first">The first byte: FIN, reserved bits and opcode.</param>
    /// <param name="payload">The payload before masking.</param>
    public static byte[] Of(int first, params byte[] payload) => [(byte)first, .. Length(payload.Length), .. Mask, .. Masked(payload)];

    /// <summary>The header alone of a frame that announces so many bytes.</summary>
    public static byte[] Header(int first, int length) => [(byte)first, .. Length(length), .. Mask];

    /// <summary>A frame without a mask.</summary>
    public static byte[] Unmasked(int first, params byte[] payload) => [(byte)first, (byte)payload.Length, .. payload];

    /// <summary>A frame whose length is written in two or eight bytes, whatever it is.</summary>
    public static byte[] WithLongLength(int first, int lengthBytes, params byte[] payload)
    {
        var length = new byte[lengthBytes];
        (length[^2], length[^1]) = ((byte)(payload.Length >> 8), (byte)payload.Length);
        return [(byte)first, (byte)(0x80 | (lengthBytes == 2 ? 126 : 127)), .. length, .. Mask, .. Masked(payload)];
    }

    private static byte[] Length(int length) => length switch
    {
        < 126 => [(byte)(0x80 | length)],
        <= ushort.MaxValue => [0x80 | 126, (byte)(length >> 8), (byte)length],
        _ => [0x80 | 127, 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
    };

    private static byte[] Masked(byte[] payload) => [.. payload.Select((b, i) => (byte)(b ^ Mask[i % 4]))];
}
