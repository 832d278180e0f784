using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OrdersActors.Http;

/// <summary>Writes a small JSON text as the body of a response, in one piece.</summary>
internal static class JsonBody
{
    // The text goes into JSON and never into markup, so only the characters that JSON requires are escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sets the type and the length of the response, and writes the body.</summary>
    public static async Task WriteAsync(HttpContext context, string contentType, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        var response = context.Response;
        response.ContentType = contentType;
        response.ContentLength = buffer.WrittenCount;
        await response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }
}
