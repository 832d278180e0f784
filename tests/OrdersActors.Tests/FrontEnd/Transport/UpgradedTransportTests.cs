using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Transport;

/// <summary>Upgrades on a real web server. After its upgrade, a connection repeats what the client sends.</summary>
public sealed class UpgradedTransportTests : IAsyncDisposable
{
    private const string Upgrade =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RawHttpServer? _server;
    private WeakReference? _request;
    private bool _isSocket;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task WebSocket_outlives_its_request()
    {
        var stream = await ConnectAsync();
        Assert.Equal("early", await RawHttpServer.ReadAsync(stream, 5));
        Assert.True(_isSocket);
        await Eventually.Holds(IsRequestCollected, () => "the request is still in memory");
        await stream.WriteAsync("late"u8.ToArray(), Cancelled);
        Assert.Equal("late", await RawHttpServer.ReadAsync(stream, 4));
        stream.Socket.Close();
        await _ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    [Fact]
    public Task WebSocket_lives_within_its_request_on_another_transport() =>
        LivesWithinItsRequestAsync(ownTransport: false, listen => { });

    [Fact]
    public Task WebSocket_lives_within_its_request_if_middleware_processes_the_bytes() =>
        LivesWithinItsRequestAsync(ownTransport: true, listen => listen.Use(http => async connection =>
        {
            connection.Transport = new SamePipes(connection.Transport);
            await http(connection);
        }));

    private async Task LivesWithinItsRequestAsync(bool ownTransport, Action<ListenOptions> configure)
    {
        var stream = await ConnectAsync(ownTransport, configure);
        Assert.Equal("early", await RawHttpServer.ReadAsync(stream, 5));
        Assert.False(_isSocket);
        stream.Socket.Close();
        await _ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    private async Task<NetworkStream> ConnectAsync(
        bool ownTransport = true, Action<ListenOptions>? configure = null)
    {
        _server = await RawHttpServer.StartAsync(ServeAsync, ownTransport, configure);
        var stream = await _server.ConnectAsync();
        // The client need not wait for the answer to its upgrade.
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Upgrade}early"), Cancelled);
        Assert.StartsWith("HTTP/1.1 101 ", await RawHttpServer.ReadHeadAsync(stream), StringComparison.Ordinal);
        return stream;
    }

    private async Task ServeAsync(HttpContext context)
    {
        _request = new WeakReference(context);
        var transport = UpgradedTransport.Of(context, (await WebSocketUpgrade.AcceptAsync(context))!);
        _isSocket = transport is UpgradedSocket;
        if (_isSocket)
        {
            context.Features.GetRequiredFeature<SocketConnection>().Next = () => RepeatAsync(transport);
        }
        else
        {
            await RepeatAsync(transport);
        }
    }

    private async Task RepeatAsync(IUpgradedTransport transport)
    {
        var buffer = new byte[100];
        try
        {
            while (await transport.Input.ReadAsync(buffer, CancellationToken.None) is > 0 and var read)
            {
                await transport.WriteAsync(buffer.AsMemory(0, read));
            }
        }
        finally
        {
            transport.Dispose();
            _ended.SetResult();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsRequestCollected()
    {
        GC.Collect();
        return !_request!.IsAlive;
    }

    private sealed class SamePipes(IDuplexPipe pipes) : IDuplexPipe
    {
        public PipeReader Input => pipes.Input;

        public PipeWriter Output => pipes.Output;
    }
}
