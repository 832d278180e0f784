using System.Net.Sockets;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// Writes to the socket of an upgraded connection without TLS. A frame then takes one system call on the thread that
/// has it. Through the stream, it takes two more threads: the web server's writer takes the bytes from a pipe.
/// </summary>
/// <remarks>
/// The web server has queued its answer to the upgrade in the same pipe. So the socket is used from the first bytes of
/// the client on (<see cref="Open"/>): a client may send only after it has the answer (RFC 6455, section 4.1). If
/// something was written before that, the pipe may still hold it, and the connection uses the stream until its end.
/// </remarks>
internal sealed class SocketOutput(Stream stream, Socket socket) : IFrameOutput
{
    private const int Undecided = 0;
    private const int UsesSocket = 1;
    private const int UsesStream = 2;

    private int _choice;

    /// <summary>The client has sent something, so the answer to the upgrade is no longer in the pipe.</summary>
    public void Open()
    {
        if (Volatile.Read(ref _choice) == Undecided)
        {
            // Otherwise a synchronous send would wait. It does not affect asynchronous calls.
            socket.Blocking = false;
            Interlocked.CompareExchange(ref _choice, UsesSocket, Undecided);
        }
    }

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (Volatile.Read(ref _choice) != UsesSocket)
        {
            return 0;
        }

        try
        {
            // If only a part fits, the error is WouldBlock and the result is the size of the part.
            return socket.Send(bytes, SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The connection was aborted. The next write fails.
            return 0;
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) =>
        Interlocked.CompareExchange(ref _choice, UsesStream, Undecided) == UsesSocket
            ? SendAllAsync(bytes)
            : stream.WriteAsync(bytes);

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None)..];
        }
    }
}
