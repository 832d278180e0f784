using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrdersActors;

/// <summary>
/// Writes an event's JSON, once per event. Two forms exist. Only an organization-wide subscription gets
/// <c>sequence</c>, because an order subscription must not learn how busy the shop is. <c>sequence</c> comes last, so
/// the second form is the first one with its closing brace replaced and nothing is serialized twice.
/// </summary>
public static class OrderEventJson
{
    // The text goes into JSON and never into markup, so only the characters that JSON requires are escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const int TimeLength = 27;

    [ThreadStatic] private static ArrayBufferWriter<byte>? _threadBuffer;
    [ThreadStatic] private static Utf8JsonWriter? _threadWriter;

    /// <summary>Encodes an event for its subscribers.</summary>
    public static EncodedOrderEvent Encode(OrderEvent e) => Encode(e, default);

    /// <summary>Encodes an event that is on its way to its subscribers now.</summary>
    internal static EncodedOrderEvent Encode(OrderEvent e, EventTimes times)
    {
        ArgumentNullException.ThrowIfNull(e);
        var buffer = _threadBuffer ??= new ArrayBufferWriter<byte>(1024);
        var json = _threadWriter ??= new Utf8JsonWriter(buffer, Options);
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        json.WriteStartObject();
        json.WriteString("id"u8, e.Id);
        json.WriteString("organization_id"u8, e.OrganizationId);
        json.WriteString("order_id"u8, e.OrderId);
        json.WriteNumber("version"u8, e.Version);
        json.WriteString("status"u8, e.Status);
        WriteTime(json, e.OccurredAt);
        if (e.Details is not null)
        {
            json.WritePropertyName("details"u8);
            // The rules were checked before the event was stored, so the text is copied without validation.
            json.WriteRawValue(OneLine(e.Details), skipInputValidation: true);
        }

        json.WriteEndObject();
        json.Flush();
        return new EncodedOrderEvent(e.OrderId, e.Version, e.Sequence, buffer.WrittenSpan.ToArray(), e.Epoch)
        {
            Times = times,
        };
    }

    /// <summary>The time of an event: RFC 3339, UTC, always with six fractional digits.</summary>
    public static string TimeText(DateTimeOffset time) =>
        time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>
    /// Appends the organization-wide form, the one with <c>sequence</c>, to <paramref name="output"/>.
    /// </summary>
    public static void WriteWithSequence(EncodedOrderEvent e, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(output);
        output.Write(e.Json.AsSpan(0, e.Json.Length - 1));
        output.Write(",\"sequence\":"u8);
        var digits = output.GetSpan(20);
        e.Sequence.TryFormat(digits, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
        output.Write("}"u8);
    }

    /// <summary>The organization-wide form as text, for callers outside the hot path.</summary>
    public static string ToText(OrderEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        WriteWithSequence(Encode(e), buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteTime(Utf8JsonWriter json, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[TimeLength];
        time.UtcDateTime.TryFormat(text, out var length, TimeFormat, CultureInfo.InvariantCulture);
        json.WriteString("occurred_at"u8, text[..length]);
    }

    /// <summary>
    /// Removes line breaks. Events that previous versions stored may have them between the tokens of their details.
    /// Inside a JSON string a line break is always escaped.
    /// </summary>
    private static string OneLine(string details) =>
        details.AsSpan().IndexOfAny('\r', '\n') < 0 ? details : DetailsJson.Compact(details);
}
