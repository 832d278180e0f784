using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class MessageDeflateTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(60_000)]
    [InlineData(200_000)]
    public async Task Compressed_frame_is_smaller_and_read_by_a_real_client_in_any_order_with_plain_ones(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length / 10).Select(n => $"n={n % 1000} é, "));
        var plain = WebSocketFrame.Text(Encoding.UTF8.GetBytes(text));
        var compressed = MessageDeflate.Compress(plain);
        Assert.InRange(compressed.Length, 1, plain.Length - 1);
        Assert.Equal(0xC1, compressed[0]);

        // A client that kept the window of the first message would still read the third one, which does not use it.
        using var client = ClientReading([.. compressed, .. plain, .. compressed]);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(text, await ReadAsync(client));
        }
    }

    [Fact]
    public void Frame_stays_as_it_is_if_compression_does_not_pay()
    {
        var little = WebSocketFrame.Text(Encoding.UTF8.GetBytes(new string('x', MessageDeflate.MinBytes - 3)));
        Assert.Same(little, MessageDeflate.Compress(little));
        var enough = WebSocketFrame.Text(Encoding.UTF8.GetBytes(new string('x', MessageDeflate.MinBytes)));
        Assert.NotSame(enough, MessageDeflate.Compress(enough));
        var random = WebSocketFrame.Text(RandomNumberGenerator.GetBytes(5000));
        Assert.Same(random, MessageDeflate.Compress(random));
    }

    private static async Task<string> ReadAsync(WebSocket client)
    {
        var (message, buffer) = (new MemoryStream(), new byte[4096]);
        ValueWebSocketReceiveResult part;
        do
        {
            part = await client.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return Encoding.UTF8.GetString(message.ToArray());
    }

    private static WebSocket ClientReading(byte[] frames) => WebSocket.CreateFromStream(
        new MemoryStream(frames), new WebSocketCreationOptions
        {
            IsServer = false,
            DangerousDeflateOptions = new WebSocketDeflateOptions { ServerContextTakeover = false },
        });
}
