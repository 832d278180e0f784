using System.Net.Sockets;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The socket of an upgraded connection without TLS. It belongs to the WebSocket alone. A frame takes one system call
/// on the thread that has it.
/// </summary>
/// <remarks>
/// A failure ends reading like the client's end, and writes fail with a <see cref="SocketException"/>. Disposed by the
/// WebSocket's reader when it has ended; until then, <see cref="Abort()"/> ends pending calls.
/// </remarks>
internal sealed class UpgradedSocket(SocketReceiver receiver) : ReadOnlyStream, IUpgradedTransport
{
    private byte[]? _early;
    private int _earlyRead;
    private volatile bool _isAborted;

    private Socket Socket => receiver.Socket;

    Stream IUpgradedTransport.Input => this;

    CancellationToken IUpgradedTransport.Closed => CancellationToken.None;

    /// <summary>Sets the bytes that HTTP has read and not used. They are read first.</summary>
    public void SetEarly(byte[] bytes) => _early = bytes.Length > 0 ? bytes : null;

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            // If only a part fits, the error is WouldBlock and the result is the size of the part.
            return Socket.Send(bytes, SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended. The next write fails.
            return 0;
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            // An asynchronous send that fails at once would be slow: see SocketReceiver.
            var sent = Socket.Send(bytes.Span, SocketFlags.None, out var error);
            if (sent == 0)
            {
                sent = error == SocketError.WouldBlock
                    ? await Socket.SendAsync(bytes, SocketFlags.None)
                    : throw new SocketException((int)error);
            }

            bytes = bytes[sent..];
        }
    }

    /// <summary>
    /// Reads at least one byte, or waits for one if the buffer is empty. Returns 0 if the client has ended its side,
    /// and after a failure.
    /// </summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isAborted ? ValueTask.FromResult(0)
        : _early is null ? receiver.ReceiveAsync(buffer, cancellationToken)
        : ValueTask.FromResult(ReadEarly(_early, buffer.Span));

    /// <summary>Ends the connection at once. Bytes that were not sent or read are dropped.</summary>
    public void Abort()
    {
        _isAborted = true;
        Abort(Socket);
    }

    /// <summary>Ends a connection at once.</summary>
    /// <remarks>
    /// The socket stays open, so that its owner ends first: its pending reads return 0 and its writes fail.
    /// </remarks>
    public static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    /// <summary>Closes a socket. The operating system sends the bytes that it has accepted.</summary>
    public static void Close(SocketReceiver receiver)
    {
        try
        {
            if (receiver.Failure == SocketError.Success)
            {
                receiver.Socket.Shutdown(SocketShutdown.Both);
            }
        }
        catch (SocketException)
        {
            // The client has ended the connection.
        }

        receiver.Socket.Dispose();
        receiver.Dispose();
    }

    protected override void Dispose(bool disposing)
    {
        Close(receiver);
        base.Dispose(disposing);
    }

    private int ReadEarly(byte[] early, Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, early.Length - _earlyRead);
        early.AsSpan(_earlyRead, count).CopyTo(buffer);
        _earlyRead += count;
        _early = _earlyRead < early.Length ? early : null;
        return count;
    }
}
