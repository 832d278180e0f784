using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>Accepts the TCP connections of one endpoint for the web server.</summary>
internal sealed partial class SocketListener : IConnectionListener
{
    // An accept that failed because the process has no free file descriptor would fail again at once.
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly MemoryPool<byte> _pool;
    private readonly bool _noDelay;
    private readonly ILogger _logger;
    private bool _isFailing;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="AddressInUseException">Another program listens there.</exception>
    public SocketListener(EndPoint endpoint, SocketTransportOptions options, MemoryPool<byte> pool, ILogger logger)
    {
        (_pool, _noDelay, _logger) = (pool, options.NoDelay, logger);
        try
        {
            _socket = options.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        _socket.Listen(options.Backlog);
        EndPoint = _socket.LocalEndPoint ?? endpoint;
    }

    public EndPoint EndPoint { get; }

    /// <summary>Waits for the next connection. Returns null when the endpoint was unbound.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                if (TryOpen(await _socket.AcceptAsync(cancellationToken)) is { } connection)
                {
                    return connection;
                }
            }
            catch (Exception e) when (
                e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null;
            }
            catch (SocketException e)
            {
                if (!_isFailing)
                {
                    _isFailing = true;
                    LogNotAccepted(EndPoint, e.Message);
                }

                await Task.Delay(AcceptPause, cancellationToken);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _pool.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Returns null if the client has ended the connection before it was accepted.</summary>
    private SocketConnection? TryOpen(Socket socket)
    {
        _isFailing = false;
        try
        {
            return new SocketConnection(socket, _noDelay, _pool, _logger);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            LogEndedBefore(EndPoint, e.Message);
            return null;
        }
    }

    [LoggerMessage(1353, LogLevel.Error,
        "No connection can be accepted on {EndPoint}: {Reason}. Trying again every 100 ms. If too many files are open, "
        + "raise the limit of open files, or lower OrdersActors:FrontEnd:MaxConnections")]
    private partial void LogNotAccepted(EndPoint endPoint, string reason);

    [LoggerMessage(1354, LogLevel.Debug, "A connection to {EndPoint} ended before it was accepted: {Reason}")]
    private partial void LogEndedBefore(EndPoint endPoint, string reason);
}
