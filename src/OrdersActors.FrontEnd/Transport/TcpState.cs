using System.Net.Sockets;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>The state of a TCP connection as the operating system knows it.</summary>
internal static class TcpState
{
    // From Linux's netinet/tcp.h and tcp_states.h: the first byte of tcp_info is the state.
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const byte Established = 1;

    /// <summary>
    /// Whether both sides may still send. Except on Linux, it is not noticed that the client has ended its side while
    /// there are unread bytes.
    /// </summary>
    public static bool IsOpen(Socket socket)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                return !socket.Poll(0, SelectMode.SelectRead) || socket.Available > 0;
            }

            Span<byte> state = stackalloc byte[1];
            socket.GetRawSocketOption(TcpLevel, TcpInfo, state);
            return state[0] == Established;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
