using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// Gives the web server TCP connections that a WebSocket can keep when HTTP has ended on them
/// (<see cref="SocketConnection"/>). Other endpoints, such as Unix sockets, get the web server's own transport.
/// </summary>
/// <remarks>It obeys the same <see cref="SocketTransportOptions"/> as the web server's transport.</remarks>
internal sealed class SocketListenerFactory(
    IOptions<SocketTransportOptions> options, ILoggerFactory loggers, IMemoryPoolFactory<byte>? pools = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _others = new(options, loggers);

    public bool CanBind(EndPoint endpoint) => _others.CanBind(endpoint);

    /// <summary>Listens on an endpoint.</summary>
    /// <exception cref="AddressInUseException">Another program listens there.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        endpoint is IPEndPoint
            ? ValueTask.FromResult<IConnectionListener>(new SocketListener(
                endpoint, options.Value, pools?.Create() ?? MemoryPool<byte>.Shared,
                loggers.CreateLogger<SocketListener>()))
            : _others.BindAsync(endpoint, cancellationToken);
}
