using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Transport;

/// <summary>HTTP by the web server on the front end's transport.</summary>
public sealed class SocketConnectionTests : IAsyncDisposable
{
    // More than the operating system keeps for a socket, and no multiple of a buffer's size.
    private const int LargeSize = 20_000_001;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RawHttpServer? _server;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Large_body_comes_back_whole_although_the_client_reads_it_late()
    {
        var stream = await StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length));
        });
        var sent = new byte[LargeSize];
        new Random(1).NextBytes(sent);
        await WriteAsync(stream, $"POST / HTTP/1.0\r\nContent-Length: {LargeSize}\r\n\r\n");
        await stream.WriteAsync(sent, Cancelled);
        await RawHttpServer.ReadHeadAsync(stream);
        var received = new byte[LargeSize];
        await stream.ReadExactlyAsync(received, Cancelled);
        Assert.Equal(sent, received);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], Cancelled));
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order_on_one_connection()
    {
        var stream = await StartAsync(context => context.Response.WriteAsync(
            $"{context.Connection.Id}{context.Request.Path}", Cancelled));
        await WriteAsync(stream, Get("/a") + Get("/b") + "GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        using var reader = new StreamReader(stream);
        var all = await reader.ReadToEndAsync(Cancelled);
        var bodies = all.Split("\r\n").Where(line => line.Contains('/')
            && !line.StartsWith("HTTP/", StringComparison.Ordinal)).Select(body => body.Split('/')).ToArray();
        Assert.Equal(["a", "b", "c"], bodies.Select(body => body[1]));
        Assert.Single(bodies.Select(body => body[0]).Distinct());
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /next HTTP/1.1\r\n")]
    public async Task Request_is_cancelled_when_its_client_has_left_even_if_unread_bytes_remain(string unread)
    {
        var stream = await StartAsync(WaitForEndAsync);
        await WriteAsync(stream, Get("/"));
        await _seen.Task.WaitAsync(WaitTimeout, Cancelled);
        // The web server refers to the connection weakly.
        GC.Collect();
        await WriteAsync(stream, unread);
        stream.Socket.Shutdown(SocketShutdown.Send);
        await _ended.Task.WaitAsync(WaitTimeout, Cancelled);
    }

    [Fact]
    public async Task Request_goes_on_while_its_client_is_there()
    {
        var stream = await StartAsync(WaitForEndAsync);
        await WriteAsync(stream, Get("/"));
        await Task.WhenAny(_ended.Task, Task.Delay(TimeSpan.FromSeconds(3), Cancelled));
        Assert.False(_ended.Task.IsCompleted);
    }

    [Fact]
    public async Task Request_that_is_aborted_ends_the_connection_and_its_pending_write()
    {
        var stream = await StartAsync(async context =>
        {
            var writing = context.Response.Body.WriteAsync(new byte[LargeSize], CancellationToken.None);
            Assert.False(writing.IsCompleted);
            context.Abort();
            await writing;
            _ended.SetResult();
        });
        await WriteAsync(stream, Get("/"));
        await _ended.Task.WaitAsync(WaitTimeout, Cancelled);
        await Assert.ThrowsAnyAsync<IOException>(
            async () => await stream.ReadExactlyAsync(new byte[LargeSize], Cancelled));
    }

    [Fact]
    public async Task Response_of_a_client_that_has_left_ends()
    {
        var stream = await StartAsync(async context =>
        {
            _seen.SetResult();
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[10_000], CancellationToken.None);
            }

            _ended.SetResult();
        });
        await WriteAsync(stream, Get("/"));
        await _seen.Task.WaitAsync(WaitTimeout, Cancelled);
        stream.Socket.Close(0);
        await _ended.Task.WaitAsync(WaitTimeout, Cancelled);
    }

    [Fact]
    public async Task Connection_is_described_by_its_features()
    {
        var stream = await StartAsync(context =>
        {
            var connection = context.Features.GetRequiredFeature<SocketConnection>();
            Assert.Same(connection.Socket, context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket);
            Assert.Same(connection.Items, context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items);
            Assert.Equal(
                connection.ConnectionId, context.Features.GetRequiredFeature<IConnectionIdFeature>().ConnectionId);
            return context.Response.WriteAsync(
                $"{connection.RemoteEndPoint}={context.Connection.RemoteIpAddress}:{context.Connection.RemotePort} "
                + $"{connection.LocalEndPoint}={context.Connection.LocalIpAddress}:{context.Connection.LocalPort}");
        });
        await WriteAsync(stream, "GET / HTTP/1.0\r\n\r\n");
        await RawHttpServer.ReadHeadAsync(stream);
        using var reader = new StreamReader(stream);
        var (client, server) = (Port(stream.Socket.LocalEndPoint), Port(stream.Socket.RemoteEndPoint));
        Assert.Equal(
            $"127.0.0.1:{client}=127.0.0.1:{client} 127.0.0.1:{server}=127.0.0.1:{server}",
            await reader.ReadToEndAsync(Cancelled));
    }

    private async Task WaitForEndAsync(HttpContext context)
    {
        _seen.SetResult();
        await Task.Delay(Timeout.Infinite, context.RequestAborted)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.SetResult();
    }

    private async Task<NetworkStream> StartAsync(RequestDelegate serve)
    {
        _server = await RawHttpServer.StartAsync(serve);
        return await _server.ConnectAsync();
    }

    private static int Port(EndPoint? endPoint) => ((IPEndPoint)endPoint!).Port;

    private static string Get(string path) => $"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n";

    private static Task WriteAsync(Stream stream, string text) =>
        stream.WriteAsync(Encoding.ASCII.GetBytes(text), Cancelled).AsTask();
}
