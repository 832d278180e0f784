using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks;

/// <summary>A subscriber that keeps no events, for counting and timing.</summary>
internal sealed class FrameReader : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private byte[] _buffer = new byte[1024];

    public static async Task<FrameReader> ConnectAsync(Uri address, string apiKey, string? signature = null)
    {
        var reader = new FrameReader();
        reader._socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await reader._socket.ConnectAsync(address, CancellationToken.None);
        await reader.SendAsync(SeedClient.Connect(apiKey, signature));
        await reader.ExpectAsync("connected");
        return reader;
    }

    public async Task SubscribeAsync(string? order = null, long? after = null)
    {
        await SendAsync(
            after is null ? SeedClient.Subscription("subscribe", order) : SeedClient.Resume(order, after.Value));
        await ExpectAsync("subscription");
    }

    /// <summary>Reads up to the next event and returns its data, which is valid until the next read.</summary>
    public async Task<JsonElement> ReadEventAsync()
    {
        while (true)
        {
            var message = await ReadAsync();
            if (message.GetProperty("type").ValueEquals("event"u8))
            {
                return message.GetProperty("data");
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ExpectAsync(string type)
    {
        var message = await ReadAsync();
        if (!message.GetProperty("type").ValueEquals(type))
        {
            throw new InvalidOperationException($"Expected {type}, got {message}");
        }
    }

    private Task SendAsync(string text) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    private async Task<JsonElement> ReadAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new InvalidOperationException($"The server closed with {_socket.CloseStatus}.");
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                var reader = new Utf8JsonReader(_buffer.AsSpan(0, length));
                return JsonElement.ParseValue(ref reader);
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, length * 2);
            }
        }
    }
}
