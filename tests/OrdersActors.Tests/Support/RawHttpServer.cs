using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.Support;

/// <summary>A real web server on the front end's transport, and clients that speak HTTP byte by byte.</summary>
internal sealed class RawHttpServer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly List<TcpClient> _clients = [];

    private RawHttpServer(WebApplication server) => _server = server;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Starts a server that answers each request with this.</summary>
    /// <param name="serve">Answers a request.</param>
    /// <param name="ownTransport">Whether to use the front end's transport, and not the web server's.</param>
    /// <param name="configure">Configures the endpoint; null to prepare it as the front end does.</param>
    public static async Task<RawHttpServer> StartAsync(
        RequestDelegate serve, bool ownTransport = true, Action<ListenOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (ownTransport)
        {
            builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(configure ?? (listen => listen.UseOrderConnections()));
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        var server = builder.Build();
        server.Run(serve);
        await server.StartAsync(Cancelled);
        return new RawHttpServer(server);
    }

    /// <summary>Connects a client.</summary>
    public async Task<NetworkStream> ConnectAsync()
    {
        var client = new TcpClient();
        _clients.Add(client);
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_server.Urls.Single()).Port, Cancelled);
        return client.GetStream();
    }

    /// <summary>Reads the head of a response.</summary>
    public static async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append(await ReadAsync(stream, 1));
        }

        return head.ToString();
    }

    /// <summary>Reads this many characters.</summary>
    public static async Task<string> ReadAsync(Stream stream, int length)
    {
        var buffer = new byte[length];
        await stream.ReadExactlyAsync(buffer, Cancelled);
        return Encoding.ASCII.GetString(buffer);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _server.DisposeAsync();
    }
}
