using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Testing.Hosting;

/// <summary>The ports of a server on 127.0.0.1. A server keeps them over its restarts.</summary>
/// <param name="Web">The port for HTTP and WebSockets.</param>
/// <param name="Silo">The port for other silos.</param>
/// <param name="Gateway">The port for publishers over Orleans.</param>
internal sealed record ServerPorts(int Web, int Silo, int Gateway)
{
    // Below the range that systems use for outgoing connections (from 32768 on Linux, 49152 elsewhere), so that no
    // outgoing connection takes a port while the server is stopped.
    private const int First = 20_000;
    private const int End = 32_000;

    // A port is not given twice in a process, because its first server may not listen yet.
    private static readonly ConcurrentDictionary<int, byte> Given = new();

    public Uri Http => new($"http://127.0.0.1:{Web}");

    /// <summary>Chooses ports that are free at the moment.</summary>
    public static ServerPorts Choose() => new(ChooseOne(), ChooseOne(), ChooseOne());

    private static int ChooseOne()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            if (Given.TryAdd(port, 0) && IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            // Another program uses it.
            return false;
        }
    }
}
