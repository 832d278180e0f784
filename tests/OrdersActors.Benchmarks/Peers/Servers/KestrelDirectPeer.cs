using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>
/// Sends each event with a non-blocking send on the socket of the connection, past Kestrel's pipe. It has no queue: a
/// client whose socket buffer is full ends the process.
/// </summary>
internal static class KestrelDirectPeer
{
    public static Task RunAsync(int port, int triggerPort) =>
        new WebSocketPeer<Socket>(
            (context, _) =>
            {
                var socket = context.Features.Get<IConnectionSocketFeature>()!.Socket;
                socket.Blocking = false;
                return socket;
            },
            Send).RunAsync(port, triggerPort);

    private static void Send(Socket[] sockets, byte[] message)
    {
        // An unmasked text frame with a length of 16 bits: every event has at least 126 bytes.
        var frame = new byte[4 + message.Length];
        (frame[0], frame[1]) = (0x81, 126);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)message.Length);
        message.CopyTo(frame, 4);
        foreach (var socket in sockets)
        {
            if (socket.Send(frame, SocketFlags.None, out var error) != frame.Length)
            {
                throw new InvalidOperationException($"The client is too slow, or has gone: {error}.");
            }
        }
    }
}
