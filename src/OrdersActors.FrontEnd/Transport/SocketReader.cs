using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>Reads what a client sends while the web server handles HTTP.</summary>
internal sealed class SocketReader(SocketReceiver receiver) : ReadOnlyStream
{
    /// <summary>Reads at least one byte. Returns 0 if the client has ended its side.</summary>
    /// <exception cref="ConnectionResetException">The connection failed.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var received = await receiver.ReceiveAsync(buffer, cancellationToken);
        return receiver.Failure == SocketError.Success ? received : throw Reset(receiver.Failure);
    }

    private static ConnectionResetException Reset(SocketError error)
    {
        var reason = new SocketException((int)error);
        return new ConnectionResetException(reason.Message, reason);
    }
}
