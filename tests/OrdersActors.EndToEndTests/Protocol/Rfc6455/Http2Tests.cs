using System.Net;
using System.Net.WebSockets;
using System.Text;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol.Rfc6455;

/// <summary>A server with a port for HTTP/2 without TLS.</summary>
public sealed class Http2Server : IAsyncLifetime
{
    private ServerProcess? _server;

    public ServerProcess Server => _server!;

    public int Port { get; } = ServerProcess.FreePorts(1)[0];

    public async ValueTask InitializeAsync() =>
        _server = await ServerProcess.StartAsync(new ServerSettings { Http2Port = Port });

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>WebSockets over HTTP/2 (RFC 8441).</summary>
public sealed class Http2Tests(Http2Server http2) : IClassFixture<Http2Server>, IDisposable
{
    private readonly SocketsHttpHandler _handler = new();

    [Fact]
    public async Task WebSocket_over_HTTP_2_is_served_like_over_HTTP_1()
    {
        using var socket = await ConnectAsync();
        await SendAsync(socket, SeedClient.Connect("demo-key"));
        Assert.Equal("""{"type":"connected","data":{"status":"authenticated"}}""", await ReceiveAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task WebSocket_closed_by_the_server_does_not_end_others_on_the_same_HTTP_2_connection()
    {
        using var http = new HttpMessageInvoker(_handler, disposeHandler: false);
        using var good = await ConnectAsync(http);
        using var bad = await ConnectAsync(http);
        await bad.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
        Assert.Contains("invalid_message", await ReceiveAsync(bad), StringComparison.Ordinal);
        var close = await bad.ReceiveAsync(new byte[100], TestContext.Current.CancellationToken);
        Assert.Equal(1003, (int)close.CloseStatus!);
        await SendAsync(good, SeedClient.Connect("demo-key"));
        Assert.Contains("authenticated", await ReceiveAsync(good), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_over_HTTP_2_may_be_fragmented_and_reach_the_limit()
    {
        using var socket = await ConnectAsync();
        await SendAsync(socket, SeedClient.Connect("demo-key"));
        await ReceiveAsync(socket);
        var message = Encoding.UTF8.GetBytes("""{"type":"ping"}""".PadRight(16 * 1024));
        foreach (var piece in message.Chunk(5000))
        {
            await socket.SendAsync(piece, WebSocketMessageType.Text, false, TestContext.Current.CancellationToken);
        }

        await socket.SendAsync(
            Array.Empty<byte>(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        Assert.Equal("""{"type":"pong"}""", await ReceiveAsync(socket));
    }

    [Fact]
    public async Task Refused_request_over_HTTP_2_is_answered_and_logs_nothing()
    {
        using var http = new HttpMessageInvoker(_handler, disposeHandler: false);
        var address = new Uri($"http://127.0.0.1:{http2.Port}/ws");
        var logged = http2.Server.Output.Length;
        for (var i = 0; i < 3; i++)
        {
            using var plain = new HttpRequestMessage(HttpMethod.Get, address);
            Assert.Equal(426, await StatusAsync(http, plain));
            using var version = new HttpRequestMessage(HttpMethod.Connect, address);
            version.Headers.Protocol = "websocket";
            version.Headers.Add("Sec-WebSocket-Version", "8");
            Assert.Equal(426, await StatusAsync(http, version));
            using var other = new HttpRequestMessage(HttpMethod.Connect, address);
            other.Headers.Protocol = "connect-udp";
            Assert.Equal(426, await StatusAsync(http, other));
        }

        using var socket = await ConnectAsync();
        await SendAsync(socket, SeedClient.Connect("demo-key"));
        await ReceiveAsync(socket);
        var since = http2.Server.Output[logged..];
        Assert.DoesNotContain("warn:", since, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", since, StringComparison.Ordinal);
    }

    public void Dispose() => _handler.Dispose();

    private static async Task<int> StatusAsync(HttpMessageInvoker http, HttpRequestMessage request)
    {
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.NotEmpty(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (int)response.StatusCode;
    }

    private async Task<ClientWebSocket> ConnectAsync()
    {
        using var http = new HttpMessageInvoker(_handler, disposeHandler: false);
        return await ConnectAsync(http);
    }

    private async Task<ClientWebSocket> ConnectAsync(HttpMessageInvoker http)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await socket.ConnectAsync(
            new Uri($"ws://127.0.0.1:{http2.Port}/ws"), http, TestContext.Current.CancellationToken);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(
            Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1024];
        var result = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }
}
