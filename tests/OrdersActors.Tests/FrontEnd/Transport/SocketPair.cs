using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Tests.FrontEnd.Transport;

/// <summary>The two ends of a TCP connection. The server's end does not block.</summary>
internal static class SocketPair
{
    /// <param name="receiveBuffer">The size of the client's receive buffer in bytes; null for the default.</param>
    public static async Task<(Socket Server, Socket Client)> OpenAsync(int? receiveBuffer = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.ReceiveBufferSize = receiveBuffer ?? client.ReceiveBufferSize;
        await client.ConnectAsync(listener.LocalEndPoint!);
        var server = await listener.AcceptAsync();
        server.Blocking = false;
        return (server, client);
    }
}
