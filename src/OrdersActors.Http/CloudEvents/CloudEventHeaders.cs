using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace OrdersActors.Http.CloudEvents;

/// <summary>
/// Reads a CloudEvent in binary mode: the headers <c>ce-*</c> are its attributes, and the body is its data.
/// </summary>
internal static class CloudEventHeaders
{
    private const string Prefix = "ce-";

    private static readonly string[] Known = ["specversion", "id", "source", "type", "subject", "time"];

    /// <exception cref="InvalidOrderEventException">A header or the body is missing or wrong.</exception>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static EventInput Read(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        var cloudEvent = new CloudEvent();
        foreach (var name in Known)
        {
            var values = headers[Prefix + name];
            if (values.Count > 1)
            {
                throw new InvalidOrderEventException(Prefix + name, "must not be repeated");
            }

            cloudEvent.Set(name, values.Count == 0 ? null : Decode(values.ToString()));
        }

        var reader = new Utf8JsonReader(body, OrderStatusEventJson.ReaderOptions);
        reader.Read();
        CloudEventJson.ReadData(ref reader, body, cloudEvent, "data", prefix: "");
        reader.Read(); // Fails if more follows.
        return cloudEvent.ToInput(Prefix);
    }

    /// <summary>
    /// Decodes a header as the HTTP binding requires: double quotes around the value are removed, and percent-encoding
    /// gives the characters that a header cannot have.
    /// </summary>
    private static string Decode(string value) =>
        Uri.UnescapeDataString(HeaderUtilities.UnescapeAsQuotedString(value).Value!);
}
