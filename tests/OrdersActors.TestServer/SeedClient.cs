using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrdersActors.TestServer.Contract;

namespace OrdersActors.TestServer;

/// <summary>
/// A client that implements the protocol page and nothing else. It sends text and keeps all received messages in order.
/// It validates every message in both directions (<see cref="ContractWatch"/>). A violation fails the next wait, or
/// <see cref="DisposeAsync"/>.
/// </summary>
public sealed class SeedClient : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonElement> _received = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly ContractWatch? _contract;
    private Task _receiving = Task.CompletedTask;
    private int _eventCount;

    private SeedClient(bool validates) => _contract = validates ? new ContractWatch() : null;

    /// <summary>Everything received so far.</summary>
    public IReadOnlyList<JsonElement> Received
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>The <c>data</c> of the events received so far.</summary>
    public IReadOnlyList<JsonElement> Events =>
        [.. Received.Where(m => m.GetProperty("type").GetString() == "event").Select(m => m.GetProperty("data"))];

    /// <summary>The status that the server closed with; null before.</summary>
    public int? CloseStatus => (int?)_socket.CloseStatus;

    /// <summary>The underlying socket, for tests that violate the protocol.</summary>
    public ClientWebSocket Socket => _socket;

    /// <summary>The header with which the server agreed to extensions; null if it agreed to none.</summary>
    public string? Extensions { get; private set; }

    /// <summary>Opens a socket and sends nothing. With an origin, it does so like a page of a browser.</summary>
    /// <param name="address">The address of <c>/ws</c>.</param>
    /// <param name="origin">The origin of the page; null for a client that is not a browser.</param>
    /// <param name="validates">
    /// Whether messages are validated. A load test with very many messages may do without.
    /// </param>
    /// <param name="compression">What the client offers to compress; null for nothing.</param>
    public static async Task<SeedClient> OpenAsync(
        Uri address, string? origin = null, bool validates = true, WebSocketDeflateOptions? compression = null)
    {
        var client = new SeedClient(validates);
        client._socket.Options.KeepAliveInterval = TimeSpan.Zero;
        if (origin is not null)
        {
            client._socket.Options.SetRequestHeader("Origin", origin);
        }

        client._socket.Options.DangerousDeflateOptions = compression;
        client._socket.Options.CollectHttpResponseDetails = true;
        await client._socket.ConnectAsync(address, CancellationToken.None).WaitAsync(WaitTimeout);
        client.Extensions = client._socket.HttpResponseHeaders!.TryGetValue("Sec-WebSocket-Extensions", out var agreed)
            ? agreed.Single()
            : null;
        client._receiving = client.ReceiveAsync();
        return client;
    }

    /// <summary>Opens a socket and connects with a key and an optional signature.</summary>
    public static async Task<SeedClient> ConnectAsync(Uri address, string apiKey, string? signature = null)
    {
        var client = await OpenAsync(address);
        await client.SendAsync(Connect(apiKey, signature));
        await client.ExpectAsync("""{"type":"connected","data":{"status":"authenticated"}}""");
        return client;
    }

    /// <summary>Makes an authorization signature as the protocol page describes it.</summary>
    public static string Sign(string apiKey, string apiSecret, DateTimeOffset? at = null)
    {
        var timestamp = (at ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hmac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(apiSecret), Encoding.UTF8.GetBytes("GET/ws" + timestamp));
        return $"APIKey={apiKey},signature={Convert.ToHexStringLower(hmac)},timestamp={timestamp}";
    }

    /// <summary>A connect message.</summary>
    public static string Connect(string apiKey, string? signature = null) => JsonSerializer.Serialize(new
    {
        type = "connect",
        data = signature is null
            ? (object)new { api_key = apiKey }
            : new { api_key = apiKey, authorization_signature = signature },
    });

    /// <summary>Subscribes to an order, or to the whole organization, and waits for the confirmation.</summary>
    public async Task SubscribeAsync(string? order = null)
    {
        await SendAsync(Subscription("subscribe", order));
        await ExpectAsync(JsonSerializer.Serialize(new
        {
            type = "subscription",
            data = order is null
                ? (object)new { scope = "organization", status = "subscribed" }
                : new { order_id = order, scope = "order", status = "subscribed" },
        }));
    }

    /// <summary>A subscribe or unsubscribe message.</summary>
    public static string Subscription(string type, string? order = null) => JsonSerializer.Serialize(new
    {
        type,
        data = order is null ? (object)new { } : new { order_id = order },
    });

    /// <summary>A subscribe message that resumes after a number.</summary>
    public static string Resume(string? order, long after) => JsonSerializer.Serialize(new
    {
        type = "subscribe",
        data = order is null ? (object)new { after } : new { order_id = order, after },
    });

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendAsync(byte[] payload, WebSocketMessageType type)
    {
        if (type == WebSocketMessageType.Text)
        {
            _contract?.Sent(payload);
        }

        return _socket.SendAsync(payload, type, true, CancellationToken.None);
    }

    /// <summary>Waits for a message that equals this JSON; the order of the fields does not matter.</summary>
    public Task ExpectAsync(string json)
    {
        using var expected = JsonDocument.Parse(json);
        var wanted = expected.RootElement.Clone();
        return WaitForAsync(messages => messages.Any(m => JsonElement.DeepEquals(m, wanted)), json);
    }

    /// <summary>
    /// Waits for the confirmation of a resumed subscription with exactly these fields. Returns the epoch in it.
    /// </summary>
    /// <param name="order">The order; null for the organization.</param>
    /// <param name="position">The newest number at that moment.</param>
    /// <param name="earliest">The first number that is replayed, if not all requested events are kept.</param>
    public async Task<string> ExpectResumedAsync(string? order, long position, long? earliest = null)
    {
        var subject = order is null ? "" : $"\"order_id\":{JsonSerializer.Serialize(order)},";
        var scope = order is null ? "organization" : "order";
        var resumed = earliest is null ? "true" : $"false,\"earliest\":{earliest}";
        var before = $"{{\"type\":\"subscription\",\"data\":{{{subject}\"scope\":\"{scope}\","
            + $"\"status\":\"subscribed\",\"resumed\":{resumed},\"epoch\":\"";
        var after = $"\",\"position\":{position}}}}}";
        string? Epoch(JsonElement message) =>
            message.GetRawText() is var text && text.StartsWith(before, StringComparison.Ordinal) && text.EndsWith(
                after, StringComparison.Ordinal)
                ? text[before.Length..^after.Length]
                : null;
        await WaitForAsync(messages => messages.Any(m => Epoch(m) is { Length: > 0 }), before + "…" + after);
        return Received.Select(Epoch).First(epoch => epoch is { Length: > 0 })!;
    }

    /// <summary>Waits for this number of errors with a code. Returns the data of the last of them.</summary>
    public async Task<JsonElement> ExpectErrorAsync(string code, int number = 1)
    {
        JsonElement[] Errors(IReadOnlyList<JsonElement> messages) =>
        [
            .. messages.Where(m => m.GetProperty("type").GetString() == "error").Select(m => m.GetProperty("data"))
                .Where(d => d.GetProperty("code").GetString() == code),
        ];
        await WaitForAsync(messages => Errors(messages).Length >= number, $"error {code} number {number}");
        return Errors(Received)[number - 1];
    }

    /// <summary>Waits for this many events.</summary>
    public Task WaitForEventsAsync(int count) =>
        WaitUntilAsync(() => Volatile.Read(ref _eventCount) >= count, $"{count} events");

    /// <summary>Waits until the condition holds. On a timeout, fails with the messages received instead.</summary>
    public Task WaitForAsync(Func<IReadOnlyList<JsonElement>, bool> condition, string what) =>
        WaitUntilAsync(() => condition(Received), what);

    private async Task WaitUntilAsync(Func<bool> condition, string what)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (!condition())
        {
            _contract?.ThrowIfViolated();
            if (_receiving.IsCompleted && !condition())
            {
                throw new InvalidOperationException($"The connection ended before {what}. {Describe()}");
            }

            try
            {
                await _news.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited for {what}. {Describe()}");
            }
        }
    }

    /// <summary>
    /// Waits until the server has closed or the transport has ended. Returns the close status if there was one.
    /// </summary>
    public async Task<int?> WaitForCloseAsync()
    {
        await _receiving.WaitAsync(WaitTimeout);
        return CloseStatus;
    }

    /// <summary>Closes the connection like a well-behaved client.</summary>
    public async Task CloseAsync()
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await _receiving.WaitAsync(WaitTimeout);
    }

    /// <exception cref="InvalidOperationException">
    /// A message violated its schema, or the server did not refuse a message that does.
    /// </exception>
    public async ValueTask DisposeAsync()
    {
        var isRefused = await WaitForRefusalsAsync();
        _socket.Abort();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _news.Dispose();
        _contract?.ThrowIfViolated();
        if (!isRefused)
        {
            throw new InvalidOperationException(
                $"The server did not answer with an error: {_contract!.Unanswered}. {Describe()}");
        }
    }

    /// <summary>Waits until the server has refused every message that its schema does not allow.</summary>
    private async Task<bool> WaitForRefusalsAsync()
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (_contract?.Unanswered is not null && !_receiving.IsCompleted && waited.Elapsed < WaitTimeout)
        {
            await Task.WhenAny(_receiving, Task.Delay(20));
        }

        // A connection that has ended in another way than by this client's close gives no more answers.
        return _contract?.Unanswered is null || (_receiving.IsCompleted && CloseStatus != 1000);
    }

    private async Task ReceiveAsync()
    {
        await Task.Yield();
        var buffer = new byte[16 * 1024];
        var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                }

                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Add(message.ToArray());
                    message.SetLength(0);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The transport ended. CloseStatus shows whether the server sent a close frame before.
        }

        _news.Release();
    }

    private void Add(byte[] utf8)
    {
        using var json = JsonDocument.Parse(utf8);
        _contract?.Received(json.RootElement);
        lock (_received)
        {
            _received.Add(json.RootElement.Clone());
            _eventCount += json.RootElement.GetProperty("type").ValueEquals("event"u8) ? 1 : 0;
        }

        _news.Release();
    }

    private string Describe() =>
        $"Close status: {CloseStatus?.ToString() ?? "none"}. Received:{Environment.NewLine}"
        + string.Join(Environment.NewLine, Received.TakeLast(20));
}
