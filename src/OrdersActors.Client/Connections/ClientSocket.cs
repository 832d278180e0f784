using System.Globalization;
using System.Net;
using System.Net.WebSockets;

namespace OrdersActors.Client.Connections;

/// <summary>The WebSocket of the platform.</summary>
internal sealed class ClientSocket : IClientSocket
{
    /// <summary>The status of a connection that ended without a close frame.</summary>
    public const int Broken = 1006;

    // The server's longest message has 72 KiB. A longer one does not come from this server.
    private const int MostMessageBytes = 1024 * 1024;
    private const int MostRetryAfterSeconds = 300;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ClientWebSocket _socket = new();
    private readonly TimeProvider _time;
    private byte[] _buffer = new byte[4 * 1024];

    private ClientSocket(TimeProvider time) => _time = time;

    public static async Task<IClientSocket> OpenAsync(
        OrdersClientOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var client = new ClientSocket(time);
        var socket = client._socket;
        try
        {
            // The client sends pings itself, so that it notices a dead connection at a time that it knows.
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            socket.Options.CollectHttpResponseDetails = true;
            options.ConfigureSocket?.Invoke(socket.Options);
            await socket.ConnectAsync(options.WebSocketAddress, cancellationToken);
            socket.HttpResponseHeaders = null;
            return client;
        }
        catch (WebSocketException e)
        {
            var refusal = new SocketRefusedException(e.Message, RetryAfter(socket), e);
            socket.Dispose();
            throw refusal;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            throw new IOException("The WebSocket is closed.", e);
        }
    }

    public async ValueTask<SocketMessage> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var length = 0; ;)
            {
                var result = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return new SocketMessage(default, (int?)_socket.CloseStatus ?? Broken);
                }

                length += result.Count;
                if (result.EndOfMessage)
                {
                    return new SocketMessage(_buffer.AsMemory(0, length));
                }

                if (length == MostMessageBytes)
                {
                    return new SocketMessage(default, Broken);
                }

                if (length == _buffer.Length)
                {
                    Array.Resize(ref _buffer, Math.Min(2 * length, MostMessageBytes));
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            return new SocketMessage(default, Broken);
        }
    }

    /// <summary>Sends a close frame if that takes no time. A dead connection may take minutes to close.</summary>
    public async ValueTask DisposeAsync()
    {
        using (_socket)
        {
            using var timeout = new CancellationTokenSource(CloseTimeout, _time);
            try
            {
                if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
                }
            }
            catch (Exception e)
                when (e is WebSocketException or OperationCanceledException or InvalidOperationException)
            {
                // The connection is broken or dead, which is the same as closed.
            }
        }
    }

    private static TimeSpan RetryAfter(ClientWebSocket socket) =>
        socket.HttpStatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
        && socket.HttpResponseHeaders?.TryGetValue("Retry-After", out var values) is true
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, MostRetryAfterSeconds))
            : TimeSpan.Zero;
}
