using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>Encodes every message that the server sends as a whole WebSocket frame.</summary>
internal static class ServerFrames
{
    private static ReadOnlySpan<byte> EventPrefix => """{"type":"event","data":"""u8;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Each thread writes one message at a time.
    [ThreadStatic] private static ArrayBufferWriter<byte>? _threadBuffer;
    [ThreadStatic] private static Utf8JsonWriter? _threadWriter;

    /// <summary>The answer to a successful connect. With a token, it states when the token expires.</summary>
    public static byte[] Connected(string? id, DateTimeOffset? expiresAt = null) =>
        Reply("connected", id, static (json, expiresAt) =>
        {
            json.WriteString("status"u8, "authenticated"u8);
            if (expiresAt is { } time)
            {
                WriteExpiresAt(json, time);
            }
        }, expiresAt);

    /// <summary>The notice that the connection's token expires soon.</summary>
    public static byte[] Expiring(DateTimeOffset expiresAt) => Reply("expiring", null, WriteExpiresAt, expiresAt);

    /// <summary>
    /// A confirmation. For a resumed subscription, it states whether all requested events are still kept, and the
    /// feed's epoch and newest number. A silo of a previous version does not know the epoch; then epoch and number are
    /// omitted.
    /// </summary>
    public static byte[] Subscription(string? id, string? orderId, bool subscribed, ResumedFrom? resumed = null) =>
        Reply("subscription", id, static (json, state) =>
            WriteSubscriptionFields(json, state.orderId, state.subscribed, state.resumed),
            (orderId, subscribed, resumed));

    /// <summary>Writes the <c>data</c> of a confirmation.</summary>
    public static void WriteSubscription(Utf8JsonWriter json, string? orderId, bool subscribed, ResumedFrom? resumed)
    {
        json.WriteStartObject();
        WriteSubscriptionFields(json, orderId, subscribed, resumed);
        json.WriteEndObject();
    }

    /// <summary>
    /// The maximum size of a message to a client: 72 KiB. The largest message is an event with the largest details (64
    /// KiB) and the longest ids and status. Each of their characters may be escaped to twelve bytes (384 × 12 = 4.5
    /// KiB). The rest is for the field names and for future fields.
    /// </summary>
    public const int MaxMessageBytes = 72 * 1024;

    public static byte[] Error(
        string? id, ProtocolError code, string message, string? orderId = null, TimeSpan? retryAfter = null) =>
        Reply("error", id, static (json, state) =>
        {
            json.WriteString("code"u8, state.code.Code);
            json.WriteString("message"u8, state.message);
            if (state.orderId is not null)
            {
                json.WriteString("order_id"u8, state.orderId);
            }

            if (state.retryAfter is { } retryAfter)
            {
                json.WriteNumber("retry_after_ms"u8, (long)Math.Ceiling(retryAfter.TotalMilliseconds));
            }
        }, (code, message, orderId, retryAfter));

    public static byte[] Pong(string? id)
    {
        var json = Begin();
        json.WriteString("type"u8, "pong"u8);
        WriteId(json, id);
        return End(json);
    }

    /// <summary>An event for a subscription to its order.</summary>
    public static byte[] OrderEvent(EncodedOrderEvent e)
    {
        var frame = WebSocketFrame.AllocateText(EventPrefix.Length + e.Json.Length + 1, out var payload);
        EventPrefix.CopyTo(payload);
        e.Json.CopyTo(payload[EventPrefix.Length..]);
        payload[^1] = (byte)'}';
        return frame;
    }

    /// <summary>An event for an organization-wide subscription: with its sequence.</summary>
    public static byte[] OrganizationEvent(EncodedOrderEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>(e.Json.Length + 64);
        buffer.Write(EventPrefix);
        OrderEventJson.WriteWithSequence(e, buffer);
        buffer.Write("}"u8);
        return WebSocketFrame.Text(buffer.WrittenSpan);
    }

    /// <summary>The event in the frame of an event.</summary>
    public static ReadOnlySpan<byte> EventOf(byte[] frame) => WebSocketFrame.PayloadOf(frame)[EventPrefix.Length..^1];

    private static byte[] Reply<TState>(string type, string? id, Action<Utf8JsonWriter, TState> data, TState state)
    {
        var json = Begin();
        json.WriteString("type"u8, type);
        json.WriteStartObject("data"u8);
        data(json, state);
        json.WriteEndObject();
        WriteId(json, id);
        return End(json);
    }

    /// <summary>Begins a message with this thread's writer.</summary>
    private static Utf8JsonWriter Begin()
    {
        _threadBuffer ??= new ArrayBufferWriter<byte>(256);
        _threadBuffer.ResetWrittenCount();
        _threadWriter ??= new Utf8JsonWriter(_threadBuffer, Options);
        _threadWriter.Reset();
        _threadWriter.WriteStartObject();
        return _threadWriter;
    }

    /// <summary>Ends the message that this thread began, and returns its frame.</summary>
    private static byte[] End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
        return WebSocketFrame.Text(_threadBuffer!.WrittenSpan);
    }

    /// <summary>Writes when a token expires: RFC 3339 in whole seconds, like the claim <c>exp</c>.</summary>
    public static void WriteExpiresAt(Utf8JsonWriter json, DateTimeOffset time) => json.WriteString(
        "expires_at"u8, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    private static void WriteSubscriptionFields(
        Utf8JsonWriter json, string? orderId, bool subscribed, ResumedFrom? resumed)
    {
        if (orderId is not null)
        {
            json.WriteString("order_id"u8, orderId);
        }

        json.WriteString("scope"u8, orderId is null ? "organization"u8 : "order"u8);
        json.WriteString("status"u8, subscribed ? "subscribed"u8 : "unsubscribed"u8);
        if (resumed is not null)
        {
            WriteResumed(json, resumed);
        }
    }

    private static void WriteResumed(Utf8JsonWriter json, ResumedFrom resumed)
    {
        json.WriteBoolean("resumed"u8, resumed.Earliest is null);
        if (resumed.Earliest is { } earliest)
        {
            json.WriteNumber("earliest"u8, earliest);
        }

        if (resumed.Bounds.Epoch is { } epoch)
        {
            json.WriteString("epoch"u8, epoch);
            json.WriteNumber("position"u8, resumed.Bounds.Last);
        }
    }

    private static void WriteId(Utf8JsonWriter json, string? id)
    {
        if (id is not null)
        {
            json.WritePropertyName("id"u8);
            json.WriteRawValue(id);
        }
    }
}
