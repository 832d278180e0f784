using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>Reads what a client sends while the web server handles HTTP.</summary>
internal sealed class SocketReader(Socket socket) : ReadOnlyStream
{
    /// <summary>Reads at least one byte. Returns 0 if the client has ended its side.</summary>
    /// <exception cref="ConnectionResetException">The connection failed.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new ConnectionResetException(e.Message, e);
        }
    }
}
