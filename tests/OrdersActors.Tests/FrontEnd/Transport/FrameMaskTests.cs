using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class FrameMaskTests
{
    [Fact]
    public void Payload_unmasks_to_the_same_bytes_for_every_split()
    {
        byte[] mask = [0x11, 0x22, 0x44, 0x88];
        var plain = Enumerable.Range(0, 100).Select(i => (byte)i).ToArray();
        for (var first = 0; first <= 20; first++)
        {
            var masked = plain.Select((b, i) => (byte)(b ^ mask[i % 4])).ToArray();
            FrameMask.Apply(masked.AsSpan(0, first), BitConverter.ToUInt32(mask), 0);
            FrameMask.Apply(masked.AsSpan(first), BitConverter.ToUInt32(mask), first);
            Assert.Equal(plain, masked);
        }
    }
}
