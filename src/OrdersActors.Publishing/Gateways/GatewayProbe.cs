using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Publishing.Gateways;

/// <summary>
/// Checks whether the process behind an open port is responsive. The operating system accepts connections even for a
/// frozen process. Only a running process reacts when the probe closes its side of the connection: it closes its side,
/// too.
/// </summary>
internal static class GatewayProbe
{
    public static async Task<bool> AnswersAsync(IPEndPoint gateway, TimeSpan limit, TimeProvider time)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var socket = new Socket(gateway.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(gateway, timeout.Token);
            socket.Shutdown(SocketShutdown.Send);
            await socket.ReceiveAsync(new byte[1], timeout.Token);
            return true;
        }
        catch (SocketException e)
        {
            // A reset connection is an answer, too.
            return e.SocketErrorCode is SocketError.ConnectionReset;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
