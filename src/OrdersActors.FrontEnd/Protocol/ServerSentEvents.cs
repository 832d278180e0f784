using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// Encodes the messages to a client as server-sent events. The name of an event is the <c>type</c> of the same message
/// on <c>/ws</c>. The exception is <c>end</c>, the reason why the server ends the stream: a browser's
/// <c>EventSource</c> uses the name <c>error</c> for its own events.
/// </summary>
internal static class ServerSentEvents
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\r\n"u8);

    /// <summary>A comment, which clients ignore. It keeps proxies from cutting a quiet stream.</summary>
    public static byte[] Heartbeat { get; } = ":\n\n"u8.ToArray();

    /// <summary>An event of an order or organization.</summary>
    /// <param name="epoch">The epoch of the number; null if a silo of a previous version sent the event.</param>
    /// <param name="number">The event's number in the feed.</param>
    /// <param name="json">The event, as <c>/ws</c> has it in <c>data</c>.</param>
    public static byte[] Event(string? epoch, long number, ReadOnlySpan<byte> json)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 96);
        output.Write("event: event\nid: "u8);
        WriteId(output, epoch, number);
        output.Write("\ndata: "u8);
        WriteLine(output, json);
        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The first event of every stream: the confirmation of the subscription, with the number after which the stream
    /// begins as its id. So a client that reconnects before the first event continues from there.
    /// </summary>
    public static byte[] Subscription(string? orderId, ResumedFrom resumed, TimeSpan retry)
    {
        var output = new ArrayBufferWriter<byte>(256);
        WriteRetry(output, retry);
        output.Write("event: subscription\nid: "u8);
        WriteId(output, resumed.Bounds.Epoch, resumed.Position);
        output.Write("\ndata: "u8);
        using (var json = new Utf8JsonWriter(output, Options))
        {
            ServerFrames.WriteSubscription(json, orderId, subscribed: true, resumed);
        }

        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The notice that the token of the stream expires soon.</summary>
    public static byte[] Expiring(DateTimeOffset expiresAt)
    {
        var output = new ArrayBufferWriter<byte>(96);
        output.Write("event: expiring\ndata: "u8);
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            ServerFrames.WriteExpiresAt(json, expiresAt);
            json.WriteEndObject();
        }

        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The last event of a stream that the server ends. It has no id, so the client keeps its last one.
    /// </summary>
    /// <param name="code">The same code as that of an error on <c>/ws</c>.</param>
    /// <param name="message">The reason, for people.</param>
    /// <param name="retry">When the client must come back; null for the time that it knows.</param>
    public static byte[] End(string code, string message, TimeSpan? retry = null)
    {
        var output = new ArrayBufferWriter<byte>(256);
        if (retry is { } delay)
        {
            WriteRetry(output, delay);
        }

        output.Write("event: end\ndata: "u8);
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("code"u8, code);
            json.WriteString("message"u8, message);
            json.WriteEndObject();
        }

        output.Write("\n\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private static void WriteRetry(ArrayBufferWriter<byte> output, TimeSpan retry)
    {
        var milliseconds = (long)retry.TotalMilliseconds;
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: {milliseconds}\n")));
    }

    private static void WriteId(ArrayBufferWriter<byte> output, string? epoch, long number)
    {
        if (epoch is not null)
        {
            Encoding.UTF8.GetBytes(epoch, output);
            output.Write(":"u8);
        }

        var digits = output.GetSpan(20);
        number.TryFormat(digits, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    /// <summary>
    /// Writes JSON on one line. In JSON, a line break can only stand between two tokens, where a blank means the same.
    /// Silos do not send any, but one would end the field.
    /// </summary>
    private static void WriteLine(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        var line = output.GetSpan(json.Length)[..json.Length];
        json.CopyTo(line);
        line.ReplaceAny(LineBreaks, (byte)' ');
        output.Advance(json.Length);
    }
}
