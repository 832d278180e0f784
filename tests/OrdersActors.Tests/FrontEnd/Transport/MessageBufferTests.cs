using System.Text;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class MessageBufferTests
{
    [Fact]
    public void Parts_of_any_size_are_unmasked_and_joined()
    {
        using var buffer = new MessageBuffer(100_000);
        var text = string.Concat(Enumerable.Repeat("é☕😀 plain ", 3000));
        var bytes = Encoding.UTF8.GetBytes(text);
        byte[] mask = [1, 2, 3, 4];
        var masked = bytes.Select((b, i) => (byte)(b ^ mask[i % 4])).ToArray();
        buffer.Open();
        for (int at = 0, size = 1; at < masked.Length; at += size, size = (size * 7 % 1000) + 1)
        {
            size = Math.Min(size, masked.Length - at);
            buffer.Append(masked.AsSpan(at, size), BitConverter.ToUInt32(mask), at);
        }

        buffer.Complete();
        Assert.Equal(text, Encoding.UTF8.GetString(buffer.Bytes.Span));
        buffer.Clear();
        Assert.Equal((0, false), (buffer.Length, buffer.IsOpen));
        Assert.True(buffer.Bytes.IsEmpty);
    }

    [Fact]
    public void Invalid_byte_is_refused_when_it_comes_and_an_unfinished_character_at_the_end()
    {
        using var buffer = new MessageBuffer(1000);
        buffer.Append([0xE2, 0x98], 0, 0);
        Assert.Equal(FrameFault.InvalidUtf8, Assert.Throws<UnacceptableFrameException>(buffer.Complete).Fault);
        Assert.Equal(
            FrameFault.InvalidUtf8,
            Assert.Throws<UnacceptableFrameException>(() => buffer.Append([0x20], 0, 0)).Fault);
    }
}
