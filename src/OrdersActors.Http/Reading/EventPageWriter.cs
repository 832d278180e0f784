using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OrdersActors.Http.Reading;

/// <summary>Writes a page. The events are copied as the silo has encoded them.</summary>
internal static class EventPageWriter
{
    // Kestrel's own buffer. A larger part would wait in memory for a slow client.
    private const int FlushSize = 64 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the page as the body of the response.</summary>
    /// <param name="response">The response, whose headers are set.</param>
    /// <param name="page">The page.</param>
    /// <param name="next">The URL of the next page; null after the last page.</param>
    /// <param name="cancellationToken">Ends the writing when the client takes too long.</param>
    public static async Task WriteAsync(
        HttpResponse response, EventPage page, string? next, CancellationToken cancellationToken)
    {
        var output = response.BodyWriter;
        WriteHead(output, page, next);
        var unflushed = 0;
        for (var i = 0; i < page.Events.Length; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            WriteEvent(output, page.Feed, page.Events[i]);
            unflushed += page.Events[i].Json.Length;
            if (unflushed >= FlushSize)
            {
                await output.FlushAsync(cancellationToken);
                unflushed = 0;
            }
        }

        output.Write("]}"u8);
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>Writes an event in the form that the feed's subscriptions on <c>/ws</c> get.</summary>
    public static void WriteEvent(IBufferWriter<byte> output, FeedKey feed, EncodedOrderEvent e)
    {
        if (feed.IsOrganization)
        {
            OrderEventJson.WriteWithSequence(e, output);
        }
        else
        {
            output.Write(e.Json);
        }
    }

    // Everything before the first event. The object is closed by hand.
    private static void WriteHead(IBufferWriter<byte> output, EventPage page, string? next)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            if (page.Bounds.Epoch is { } epoch)
            {
                json.WriteString("epoch"u8, epoch);
            }

            json.WriteNumber("earliest"u8, page.Earliest);
            json.WriteNumber("position"u8, page.Bounds.Last);
            json.WriteBoolean("resumed"u8, page.Start.Earliest is null);
            if (next is not null)
            {
                json.WriteString("next"u8, next);
            }

            json.WriteStartArray("events"u8);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write(buffer.WrittenSpan[..^"]}".Length]);
    }
}
