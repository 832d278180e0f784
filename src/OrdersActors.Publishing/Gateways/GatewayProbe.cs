using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Publishing;

/// <summary>
/// Whether there is life behind an open port. The system takes connections for a process that stands still, too; only one that runs
/// answers the end of one with its own.
/// </summary>
internal static class GatewayProbe
{
    public static async Task<bool> AnswersAsync(IPEndPoint gateway, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
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
            // Cut off is answered.
            return e.SocketErrorCode is SocketError.ConnectionReset;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
