using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrdersActors.Publishing.Http;

/// <summary>Writes events as the body of <c>POST /v1/events</c>.</summary>
internal static class EventsBody
{
    /// <summary>Most bytes of a body. The server accepts 4 MiB by default.</summary>
    public const int MostBytes = 3 * 1024 * 1024;

    // The names, the time, quotes and commas.
    private const int Envelope = 160;

    // An escaped character takes up to six bytes for one.
    private const int Escaped = 6;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An upper bound of the bytes of an event.</summary>
    public static int Measure(string organizationId, OrderStatusEvent e) =>
        Envelope + (Escaped * (organizationId.Length + e.Id.Length + e.OrderId.Length + e.Status.Length))
        + (e.Details is null ? 0 : Encoding.UTF8.GetByteCount(e.Details));

    /// <summary>Writes an array; the answer to an array is an array.</summary>
    public static ReadOnlyMemory<byte> Write(string organizationId, IReadOnlyList<OrderStatusEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartArray();
        foreach (var e in events)
        {
            json.WriteStartObject();
            json.WriteString("organization_id"u8, organizationId);
            json.WriteString("order_id"u8, e.OrderId);
            json.WriteString("status"u8, e.Status);
            json.WriteString("id"u8, e.Id);
            json.WriteString("occurred_at"u8, OrderEventJson.TimeText(e.OccurredAt));
            if (e.Details is not null)
            {
                json.WritePropertyName("details"u8);
                // The rules have been checked, so the text is copied as it is.
                json.WriteRawValue(e.Details, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
