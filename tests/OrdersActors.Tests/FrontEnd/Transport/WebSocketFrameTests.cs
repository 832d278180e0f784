using System.Net.WebSockets;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class WebSocketFrameTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public async Task Text_frame_of_any_length_is_read_by_a_real_client(int length)
    {
        var payload = new byte[length];
        Array.Fill(payload, (byte)'x');
        using var client = ClientReading(WebSocketFrame.Text(payload));
        var buffer = new byte[length + 1];
        var result = await client.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
        var read = result.Count;
        while (!result.EndOfMessage)
        {
            result = await client.ReceiveAsync(buffer.AsMemory(read), TestContext.Current.CancellationToken);
            read += result.Count;
        }

        Assert.Equal(WebSocketMessageType.Text, result.MessageType);
        Assert.Equal(payload, buffer[..read]);
    }

    [Fact]
    public async Task Close_frame_carries_its_status_and_reason()
    {
        using var client = ClientReading(WebSocketFrame.Close(1013, "temporarily unavailable"));
        var result = await client.ReceiveAsync(new byte[10], TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        Assert.Equal(1013, (int)client.CloseStatus!);
        Assert.Equal("temporarily unavailable", client.CloseStatusDescription);
    }

    private static WebSocket ClientReading(byte[] frames)
    {
        var stream = new MemoryStream();
        stream.Write(frames);
        stream.Position = 0;
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = false });
    }
}
