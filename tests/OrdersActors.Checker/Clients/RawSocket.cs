using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace OrdersActors.Checker.Clients;

/// <summary>A WebSocket that sends and receives JSON text and keeps nothing.</summary>
internal sealed class RawSocket : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private byte[] _buffer = new byte[4 * 1024];

    /// <summary>The close status that the other side sent; null before.</summary>
    public int? CloseStatus => (int?)_socket.CloseStatus;

    /// <summary>
    /// Connects with a small receive buffer, so that the other side soon notices a client that does not read.
    /// </summary>
    public async Task ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket =
                    new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 64 * 1024 };
                try
                {
                    await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        using var invoker = new HttpMessageInvoker(handler);
        await _socket.ConnectAsync(address, invoker, cancellationToken);
    }

    public Task SendAsync(object message, CancellationToken cancellationToken) => _socket.SendAsync(
        message as byte[] ?? Encoding.UTF8.GetBytes(message as string ?? JsonSerializer.Serialize(message)),
        WebSocketMessageType.Text, true, cancellationToken);

    /// <summary>
    /// Reads a message, which is valid until the next read. Returns null if the other side has closed.
    /// </summary>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return _buffer.AsMemory(0, length);
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, length * 2);
            }
        }
    }

    /// <summary>Sends a close frame. Messages that the other side sent before can still be read.</summary>
    public Task CloseAsync() =>
        _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

    /// <summary>Aborts the transport without a close frame.</summary>
    public void Abort() => _socket.Abort();

    public void Dispose() => _socket.Dispose();
}
