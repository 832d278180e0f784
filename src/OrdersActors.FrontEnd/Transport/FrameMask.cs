using System.Runtime.InteropServices;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>The masking of a client's frames (RFC 6455, section 5.3).</summary>
internal static class FrameMask
{
    /// <summary>Unmasks a part of a payload in place.</summary>
    /// <param name="bytes">The part.</param>
    /// <param name="mask">The frame's mask: its four bytes in memory order.</param>
    /// <param name="offset">The number of payload bytes before the part.</param>
    public static void Apply(Span<byte> bytes, uint mask, long offset)
    {
        var rotated = BitConverter.IsLittleEndian
            ? uint.RotateRight(mask, (int)(offset & 3) * 8)
            : uint.RotateLeft(mask, (int)(offset & 3) * 8);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var wide = ((ulong)rotated << 32) | rotated;
        foreach (ref var word in words)
        {
            word ^= wide;
        }

        var four = MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in rotated));
        for (var i = words.Length * sizeof(ulong); i < bytes.Length; i++)
        {
            bytes[i] ^= four[i & 3];
        }
    }
}
