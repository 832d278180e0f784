using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class SocketListenerTests
{
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    private readonly SocketListenerFactory _factory = new(
        Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Accepted_connection_does_not_delay_small_writes()
    {
        await using var listener = await _factory.BindAsync(AnyPort, Cancelled);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.EndPoint, Cancelled);
        await using var connection = await listener.AcceptAsync(Cancelled);
        Assert.Equal(client.LocalEndPoint, connection!.RemoteEndPoint);
        Assert.True(Assert.IsType<SocketConnection>(connection).Socket.NoDelay);
    }

    [Fact]
    public async Task Unbound_listener_accepts_nothing_any_more()
    {
        await using var listener = await _factory.BindAsync(AnyPort, Cancelled);
        var accepting = listener.AcceptAsync(Cancelled);
        await listener.UnbindAsync(Cancelled);
        Assert.Null(await accepting);
        Assert.Null(await listener.AcceptAsync(Cancelled));
    }

    [Fact]
    public async Task Taken_port_is_reported_as_such()
    {
        await using var listener = await _factory.BindAsync(AnyPort, Cancelled);
        await Assert.ThrowsAsync<AddressInUseException>(
            async () => await _factory.BindAsync(listener.EndPoint, Cancelled));
    }

    [Fact]
    public async Task Unix_socket_gets_the_web_servers_own_transport()
    {
        using var folder = new TempFolder();
        var endpoint = new UnixDomainSocketEndPoint(Path.Combine(folder.Path, "s"));
        Assert.True(_factory.CanBind(endpoint));
        await using var listener = await _factory.BindAsync(endpoint, Cancelled);
        Assert.IsNotType<SocketListener>(listener);
    }
}
