using System.Net;
using System.Net.WebSockets;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

public sealed class Http2Tests
{
    [Fact]
    public async Task A_WebSocket_over_HTTP_2_is_served_as_over_HTTP_1()
    {
        var ports = ServerProcess.FreePorts(1);
        await using var server = await ServerProcess.StartAsync(
            new ServerSettings { Http2Port = ports[0] });
        using var handler = new SocketsHttpHandler();
        using var http = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{ports[0]}/ws"), http, TestContext.Current.CancellationToken);
        await socket.SendAsync(
            Encoding.UTF8.GetBytes(SeedClient.Connect("demo-key")), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var buffer = new byte[1024];
        var result = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Equal("""{"type":"connected","data":{"status":"authenticated"}}""", Encoding.UTF8.GetString(buffer, 0, result.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }
}
