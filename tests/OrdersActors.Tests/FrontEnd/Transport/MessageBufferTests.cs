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

    [Theory]
    [InlineData("")]
    [InlineData("é☕😀 plain")]
    public void Compressed_message_is_inflated_when_it_is_complete(string text)
    {
        using var buffer = new MessageBuffer(1000);
        buffer.Open(isCompressed: true);
        foreach (var one in ClientFrame.Deflate(Encoding.UTF8.GetBytes(text)))
        {
            buffer.Append([one], 0, 0);
        }

        buffer.Complete();
        Assert.Equal(text, Encoding.UTF8.GetString(buffer.Bytes.Span));
        buffer.Clear();
        buffer.Open();
        buffer.Append("plain"u8, 0, 0);
        buffer.Complete();
        Assert.Equal("plain", Encoding.UTF8.GetString(buffer.Bytes.Span));
    }

    // RFC 7692, section 7.2.3: one block, two blocks, a block without compression, and a final block.
    [Theory]
    [InlineData("F248CDC9C90700")]
    [InlineData("F24805000000FFFFCAC9C90700")]
    [InlineData("000500FAFF48656C6C6F00")]
    [InlineData("F348CDC9C9070000")]
    public void Examples_of_the_RFC_are_inflated(string hex)
    {
        using var buffer = new MessageBuffer(1000);
        buffer.Open(isCompressed: true);
        buffer.Append(Convert.FromHexString(hex), 0, 0);
        buffer.Complete();
        Assert.Equal("Hello", Encoding.UTF8.GetString(buffer.Bytes.Span));
    }

    [Theory]
    [InlineData(1000, null)]
    [InlineData(1001, FrameFault.MessageTooBig)]
    [InlineData(500_000, FrameFault.MessageTooBig)]
    public void Inflated_message_has_the_same_limit_as_any_other(int length, object? fault)
    {
        using var buffer = new MessageBuffer(1000);
        buffer.Open(isCompressed: true);
        buffer.Append(ClientFrame.Deflate([.. Enumerable.Repeat((byte)'x', length)]), 0, 0);
        var e = Record.Exception(buffer.Complete);
        Assert.Equal(fault, (e as UnacceptableFrameException)?.Fault);
        Assert.Equal(Math.Min(length, 1001), buffer.Length);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF }, FrameFault.InvalidCompression)]
    [InlineData(new byte[] { 0x00, 0x05, 0x00, 0x00, 0x00 }, FrameFault.InvalidCompression)]
    [InlineData(new byte[] { 0x00, 0x02, 0x00, 0xFD, 0xFF, 0xE2, 0x98, 0x00 }, FrameFault.InvalidUtf8)]
    public void Message_that_cannot_be_inflated_or_is_not_UTF_8_is_refused(byte[] compressed, object fault)
    {
        using var buffer = new MessageBuffer(1000);
        buffer.Open(isCompressed: true);
        buffer.Append(compressed, 0, 0);
        Assert.Equal(fault, Assert.Throws<UnacceptableFrameException>(buffer.Complete).Fault);
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
