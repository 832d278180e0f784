using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Publishing;

/// <summary>The forms of a body of events.</summary>
internal enum BodyFormat
{
    /// <summary>One event, or an array of events.</summary>
    Json,

    /// <summary>One event per line.</summary>
    Lines,

    /// <summary>One CloudEvent in structured mode.</summary>
    CloudEvent,

    /// <summary>An array of CloudEvents in structured mode.</summary>
    CloudEventBatch,

    /// <summary>One CloudEvent whose attributes are headers and whose data is the body.</summary>
    BinaryCloudEvent,
}

/// <summary>Finds the format of a request's body from its headers.</summary>
internal static class BodyFormats
{
    public const string Json = "application/json";
    public const string CloudEvent = "application/cloudevents+json";
    public const string CloudEventBatch = "application/cloudevents-batch+json";

    private const string Expected = "expected application/json, application/x-ndjson, application/jsonl, "
        + CloudEvent + " or " + CloudEventBatch;

    /// <summary>The header that makes a request a CloudEvent in binary mode.</summary>
    public const string SpecVersionHeader = "ce-specversion";

    /// <exception cref="ProblemException">415: the content type, charset or encoding is not supported.</exception>
    public static BodyFormat Of(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw Unsupported("Content-Encoding is not supported; send the body without compression");
        }

        var isBinary = request.Headers.ContainsKey(SpecVersionHeader);
        if (string.IsNullOrEmpty(request.ContentType))
        {
            return isBinary ? BodyFormat.BinaryCloudEvent : throw Unsupported("Content-Type is missing; " + Expected);
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            throw Unsupported("Content-Type is not a media type; " + Expected);
        }

        if (type.Charset.HasValue && !IsUtf8(HeaderUtilities.RemoveQuotes(type.Charset).Value))
        {
            throw Unsupported("the charset must be UTF-8");
        }

        return Of(type.MediaType.Value, isBinary)
            ?? throw Unsupported($"Content-Type {OrderStatusEventJson.Printable(type.MediaType.Value!)} is not "
                + "supported; " + Expected);
    }

    private static BodyFormat? Of(string? type, bool isBinary) => type?.ToLowerInvariant() switch
    {
        CloudEvent => BodyFormat.CloudEvent,
        CloudEventBatch => BodyFormat.CloudEventBatch,
        // The default of "curl -d". It is read as JSON, because this API has no forms.
        Json or "application/x-www-form-urlencoded" => isBinary ? BodyFormat.BinaryCloudEvent : BodyFormat.Json,
        "application/x-ndjson" or "application/jsonl" when !isBinary => BodyFormat.Lines,
        { } json when isBinary && json.EndsWith("+json", StringComparison.Ordinal) => BodyFormat.BinaryCloudEvent,
        _ => null,
    };

    private static bool IsUtf8(string? charset) =>
        string.Equals(charset, "utf-8", StringComparison.OrdinalIgnoreCase)
        || string.Equals(charset, "us-ascii", StringComparison.OrdinalIgnoreCase);

    private static ProblemException Unsupported(string detail) => new(415, ProblemCode.UnsupportedMediaType, detail);
}
