using System.Net.WebSockets;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>The obvious server: it encodes each event once, and calls SendAsync for each subscriber.</summary>
internal static class SendAsyncPeer
{
    public static Task RunAsync(int port, int triggerPort) =>
        new WebSocketPeer<WebSocket>((_, socket) => socket, Send).RunAsync(port, triggerPort);

    private static void Send(WebSocket[] sockets, byte[] message)
    {
        foreach (var socket in sockets)
        {
            var sending = socket.SendAsync(
                message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            if (!sending.IsCompletedSuccessfully)
            {
                sending.AsTask().GetAwaiter().GetResult();
            }
        }
    }
}
