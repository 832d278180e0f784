using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd;
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
    private readonly TcpClient _client = new();
    private WebApplication? _server;
    private WeakReference? _request;
    private bool _hasPhase;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task WebSocket_outlives_its_request()
    {
        var stream = await ConnectAsync(connection => connection.UseOrderConnections());
        Assert.Equal("early", await ReadAsync(stream, 5));
        Assert.True(_hasPhase);
        await Eventually.Holds(IsRequestCollected, () => "the request is still in memory");
        await stream.WriteAsync("late"u8.ToArray(), Cancelled);
        Assert.Equal("late", await ReadAsync(stream, 4));
        _client.Close();
        await _ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    [Fact]
    public async Task WebSocket_lives_within_its_request_on_an_endpoint_that_is_not_prepared()
    {
        var stream = await ConnectAsync(_ => { });
        Assert.Equal("early", await ReadAsync(stream, 5));
        Assert.False(_hasPhase);
        _client.Close();
        await _ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    private async Task<NetworkStream> ConnectAsync(Action<ListenOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // As FrontEndHosting sets it, so that the answer to the upgrade is sent before the first frame.
        builder.Services.Configure<SocketTransportOptions>(transport => transport.MaxWriteBufferSize = 1);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(configure);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _server = builder.Build();
        _server.Run(ServeAsync);
        await _server.StartAsync(Cancelled);
        await _client.ConnectAsync(IPAddress.Loopback, new Uri(_server.Urls.Single()).Port, Cancelled);
        var stream = _client.GetStream();
        // The client need not wait for the answer to its upgrade.
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Upgrade}early"), Cancelled);
        var answer = new StringBuilder();
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            answer.Append(await ReadAsync(stream, 1));
        }

        Assert.StartsWith("HTTP/1.1 101 ", answer.ToString(), StringComparison.Ordinal);
        return stream;
    }

    private async Task ServeAsync(HttpContext context)
    {
        _request = new WeakReference(context);
        var transport = UpgradedTransport.Of(context, (await WebSocketUpgrade.AcceptAsync(context))!);
        _hasPhase = transport.Http is not null;
        if (transport.Http is { } http)
        {
            http.ContinueWith(() => RepeatAsync(transport));
        }
        else
        {
            await RepeatAsync(transport);
        }
    }

    private async Task RepeatAsync(UpgradedTransport transport)
    {
        var buffer = new byte[100];
        try
        {
            while (await transport.Input.ReadAsync(buffer, CancellationToken.None) is > 0 and var read)
            {
                await transport.Output.WriteAsync(buffer.AsMemory(0, read));
            }
        }
        finally
        {
            _ended.SetResult();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsRequestCollected()
    {
        GC.Collect();
        return !_request!.IsAlive;
    }

    private static async Task<string> ReadAsync(Stream stream, int length)
    {
        var buffer = new byte[length];
        await stream.ReadExactlyAsync(buffer, Cancelled);
        return Encoding.ASCII.GetString(buffer);
    }
}
