using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class FrameHeaderTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(125, 2)]
    [InlineData(126, 4)]
    [InlineData(65_535, 4)]
    [InlineData(65_536, 10)]
    [InlineData(long.MaxValue, 10)]
    public void Length_is_read_from_the_fewest_bytes(long length, int size)
    {
        var bytes = ClientFrame.Header(0x81, length);
        Assert.Equal(size, FrameHeader.CheckStart(bytes[0], bytes[1]));
        Assert.Equal(new FrameHeader(Opcode.Text, true, length), FrameHeader.Parse(bytes));
    }

    [Theory]
    [InlineData(0x01, Opcode.Text, false, false)]
    [InlineData(0x80, Opcode.Continuation, true, false)]
    [InlineData(0x82, Opcode.Binary, true, false)]
    [InlineData(0x88, Opcode.Close, true, true)]
    [InlineData(0x89, Opcode.Ping, true, true)]
    [InlineData(0x8A, Opcode.Pong, true, true)]
    public void First_byte_gives_the_opcode_and_the_final_bit(byte first, object opcode, bool isFinal, bool isControl)
    {
        var header = FrameHeader.Parse(ClientFrame.Header(first, 5));
        Assert.Equal(((Opcode)opcode, isFinal, isControl), (header.Opcode, header.IsFinal, header.IsControl));
    }

    [Theory]
    [InlineData(0xC1, 0x80, "reserved bit")]
    [InlineData(0x83, 0x80, "opcode 3")]
    [InlineData(0x8B, 0x80, "opcode 11")]
    [InlineData(0x81, 0x05, "masked")]
    [InlineData(0x09, 0x80, "control frame")]
    [InlineData(0x89, 0xFE, "control frame")]
    public void Violation_is_named_after_two_bytes(byte first, byte second, string expected)
    {
        var e = Assert.Throws<UnacceptableFrameException>(() => FrameHeader.CheckStart(first, second));
        Assert.Equal(FrameFault.Violation, e.Fault);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0xC1, true)]
    [InlineData(0x41, true)]
    [InlineData(0xC2, true)]
    [InlineData(0xC0, false)]
    [InlineData(0xC8, false)]
    [InlineData(0xC9, false)]
    [InlineData(0xE1, false)]
    [InlineData(0xA1, false)]
    public void Compression_is_allowed_only_on_the_first_frame_of_a_message(byte first, bool isAllowed)
    {
        Assert.Throws<UnacceptableFrameException>(() => FrameHeader.CheckStart(first, 0x85));
        if (isAllowed)
        {
            Assert.Equal(2, FrameHeader.CheckStart(first, 0x85, acceptsCompressed: true));
            Assert.True(FrameHeader.Parse(ClientFrame.Header(first, 5)).IsCompressed);
        }
        else
        {
            var e = Assert.Throws<UnacceptableFrameException>(
                () => FrameHeader.CheckStart(first, 0x85, acceptsCompressed: true));
            Assert.Contains("does not begin a compressed message", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 0xFE, 0, 125 })]
    [InlineData(new byte[] { 0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0 })]
    public void Length_in_more_bytes_than_needed_is_a_violation(byte[] bytes) =>
        Assert.Throws<UnacceptableFrameException>(() => FrameHeader.Parse(bytes));
}
