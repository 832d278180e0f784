using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OrdersActors.Http.Publishing;

/// <summary>
/// Writes what was stored: 201, or 200 if all events were repeats. One event gets an object, a list gets an array, and
/// JSON lines get a summary, whose size does not depend on the number of lines.
/// </summary>
internal static class PublishAnswer
{
    public static Task WriteAsync(
        HttpContext context, EventsOfRequest request, IReadOnlyList<PublishedEvent> stored)
    {
        var repeats = stored.Count(e => e.IsRepeat);
        HttpMetrics.CountEvents(stored.Count - repeats, repeats);
        return WriteAsync(context, isNew: repeats < stored.Count, json =>
        {
            if (request.IsList)
            {
                json.WriteStartArray();
            }

            for (var i = 0; i < stored.Count; i++)
            {
                Write(json, stored[i], request.Inputs[i].Event.OrderId);
            }

            if (request.IsList)
            {
                json.WriteEndArray();
            }
        });
    }

    public static Task WriteAsync(HttpContext context, LineProgress progress) =>
        WriteAsync(context, isNew: progress.Stored > 0, json =>
        {
            json.WriteStartObject();
            foreach (var (name, value) in progress.Members)
            {
                json.WriteNumber(name, value);
            }

            json.WriteEndObject();
        });

    private static Task WriteAsync(HttpContext context, bool isNew, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        return JsonBody.WriteAsync(context, BodyFormats.Json, write);
    }

    private static void Write(Utf8JsonWriter json, PublishedEvent stored, string orderId)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, stored.Id);
        json.WriteString("order_id"u8, orderId);
        json.WriteNumber("version"u8, stored.Version);
        json.WriteNumber("sequence"u8, stored.Sequence);
        if (stored.IsRepeat)
        {
            json.WriteBoolean("repeat"u8, true);
        }

        json.WriteEndObject();
    }
}
