using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Testing.Hosting;

/// <summary>Chooses ports of 127.0.0.1 for servers. Thread-safe.</summary>
internal static class FreePort
{
    // Below the range that systems use for outgoing connections (from 32768 on Linux, 49152 elsewhere), so that no
    // outgoing connection takes a port while its server is stopped.
    private const int First = 20_000;
    private const int End = 32_000;

    // A port is not given twice in a process, because its first server may not listen yet.
    private static readonly ConcurrentDictionary<int, byte> Given = new();

    /// <summary>Chooses a port that is free at the moment.</summary>
    public static int Choose()
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
