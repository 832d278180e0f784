using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace OrdersActors.Checker.Clients;

/// <summary>A WebSocket that speaks JSON text and keeps nothing.</summary>
internal sealed class RawSocket : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private byte[] _buffer = new byte[4 * 1024];

    /// <summary>The status that the other side closed with, once it has.</summary>
    public int? CloseStatus => (int?)_socket.CloseStatus;

    /// <summary>Connects, with a small receive buffer, so that who does not read is soon noticed at the other end.</summary>
    public async Task ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 64 * 1024 };
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

    /// <summary>Reads a message, valid until the next read; null when the other side has closed.</summary>
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

    /// <summary>Sends a close frame; what the other side had sent before can still be read.</summary>
    public Task CloseAsync() => _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

    /// <summary>Ends the transport without a word.</summary>
    public void Abort() => _socket.Abort();

    public void Dispose() => _socket.Dispose();
}
