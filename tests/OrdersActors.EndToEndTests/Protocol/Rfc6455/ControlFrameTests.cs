using System.Text;
using static OrdersActors.EndToEndTests.Protocol.RawWebSocket;

namespace OrdersActors.EndToEndTests.Protocol.Rfc6455;

public sealed class ControlFrameTests(RunningServer running)
{
    public static TheoryData<int> PayloadSizes { get; } = [0, 1, 8, 124, 125];

    [Theory]
    [MemberData(nameof(PayloadSizes))]
    public async Task Ping_is_answered_with_its_payload(int size)
    {
        using var socket = await OpenAsync();
        var payload = Enumerable.Range(0, size).Select(i => (byte)(i * 7)).ToArray();
        await socket.SendAsync(9, payload);
        var pong = await socket.ReadAsync();
        Assert.Equal(10, pong!.Value.Opcode);
        Assert.Equal(payload, pong.Value.Payload);
    }

    [Fact]
    public async Task Last_of_several_pings_is_always_answered()
    {
        using var socket = await OpenAsync();
        await socket.SendBytesAsync([.. Enumerable.Range(1, 10).SelectMany(i => Frame(0x89, (byte)i))]);
        int last;
        do
        {
            var pong = await socket.ReadAsync();
            Assert.Equal(10, pong!.Value.Opcode);
            last = pong.Value.Payload[0];
        }
        while (last != 10);
    }

    [Fact]
    public async Task Pings_count_as_messages_and_too_many_close_with_1008()
    {
        using var socket = await OpenAsync();
        await socket.SendBytesAsync([.. Enumerable.Repeat(Frame(0x89), 400).SelectMany(f => f)]);
        Assert.Equal(("rate_limited", 1008), await socket.ReadClosingAsync());
    }

    [Fact]
    public async Task Pongs_and_continuations_count_as_messages()
    {
        foreach (var frame in new[] { Frame(0x8A), Frame(0x00, (byte)' ') })
        {
            using var socket = await OpenAsync();
            await socket.SendBytesAsync(
                [.. Frame(0x01, (byte)' '), .. Enumerable.Repeat(frame, 400).SelectMany(f => f)]);
            Assert.Equal(("rate_limited", 1008), await socket.ReadClosingAsync());
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(1010)]
    [InlineData(1011)]
    [InlineData(3000)]
    [InlineData(3999)]
    [InlineData(4000)]
    [InlineData(4999)]
    public async Task Close_is_answered_with_its_status_and_ends_the_transport(int status)
    {
        using var socket = await OpenAsync();
        await socket.SendAsync(8, [(byte)(status >> 8), (byte)status, .. Encoding.UTF8.GetBytes("adieu ☕")]);
        var close = await socket.ReadAsync();
        Assert.Equal(8, close!.Value.Opcode);
        Assert.Equal(new[] { (byte)(status >> 8), (byte)status }, close.Value.Payload);
        Assert.Null(await socket.ReadAsync());
    }

    [Fact]
    public async Task Empty_close_is_answered_with_1000()
    {
        using var socket = await OpenAsync();
        await socket.SendAsync(8, []);
        Assert.Equal([0x03, 0xE8], (await socket.ReadAsync())!.Value.Payload);
        Assert.Null(await socket.ReadAsync());
    }

    [Theory]
    [InlineData(0, 1002)]
    [InlineData(999, 1002)]
    [InlineData(1004, 1002)]
    [InlineData(1005, 1002)]
    [InlineData(1006, 1002)]
    [InlineData(1015, 1002)]
    [InlineData(1016, 1002)]
    [InlineData(1100, 1002)]
    [InlineData(2000, 1002)]
    [InlineData(2999, 1002)]
    [InlineData(5000, 1002)]
    [InlineData(65535, 1002)]
    public async Task Close_with_a_reserved_status_is_a_violation(int status, int answer)
    {
        using var socket = await OpenAsync();
        await socket.SendAsync(8, [(byte)(status >> 8), (byte)status]);
        Assert.Equal(("invalid_message", answer), await socket.ReadClosingAsync());
    }

    [Fact]
    public async Task Malformed_close_is_a_violation()
    {
        using var oneByte = await OpenAsync();
        await oneByte.SendAsync(8, [3]);
        Assert.Equal(("invalid_message", 1002), await oneByte.ReadClosingAsync());
        using var notText = await OpenAsync();
        await notText.SendAsync(8, [0x03, 0xE8, 0xCE, 0xBA, 0xED, 0xA0, 0x80]);
        Assert.Equal(("invalid_message", 1007), await notText.ReadClosingAsync());
    }

    [Fact]
    public async Task Frames_after_a_close_are_ignored()
    {
        using var socket = await OpenAsync();
        await socket.SendBytesAsync(
            [.. Frame(0x88, 0x03, 0xE8), .. Frame(0x81, """{"type":"ping"}"""u8.ToArray()), .. Frame(0x89)]);
        Assert.Equal(8, (await socket.ReadAsync())!.Value.Opcode);
        Assert.Null(await socket.ReadAsync());
    }

    private async Task<RawWebSocket> OpenAsync()
    {
        var socket = new RawWebSocket();
        await socket.UpgradeAsync(running.Address);
        return socket;
    }
}
