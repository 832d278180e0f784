using System.Net.Sockets;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// Writes to the socket of an upgraded connection without TLS. A frame then takes one system call on the thread that
/// has it. Through the stream, it takes two more threads, because the web server's writer takes the bytes from a pipe.
/// </summary>
/// <remarks>
/// The answer to the upgrade goes through that pipe. It is on its way before this class is used, because a write to
/// the pipe ends only when its bytes have been sent (<see cref="FrontEndHosting.AddOrderFrontEnd"/> sets this).
/// </remarks>
internal sealed class SocketOutput : IFrameOutput
{
    private readonly Socket _socket;

    private SocketOutput(Socket socket) => _socket = socket;

    /// <summary>Returns null if the connection has been aborted.</summary>
    public static SocketOutput? TryCreate(Socket socket)
    {
        try
        {
            // Otherwise a synchronous send would wait. It does not affect asynchronous calls.
            socket.Blocking = false;
            return new SocketOutput(socket);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            return null;
        }
    }

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            // If only a part fits, the error is WouldBlock and the result is the size of the part.
            return _socket.Send(bytes, SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The connection was aborted. The next write fails.
            return 0;
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
        }
    }
}
