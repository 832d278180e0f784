using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace OrdersActors.Http.Documents;

/// <summary>
/// A document that does not change while the server runs. Everybody may read it. Clients revalidate it by its entity
/// tag, so that they notice an update of the server.
/// </summary>
internal sealed class ServedDocument(byte[] content, string contentType)
{
    public const string Json = "application/json";
    public const string Html = "text/html; charset=utf-8";

    private readonly EntityTagHeaderValue _tag =
        new($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"");

    public byte[] Content { get; } = content;

    /// <summary>Answers GET and HEAD; with 304 if the client has the document.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        var response = context.Response;
        response.Headers.ETag = _tag.ToString();
        response.Headers.CacheControl = "no-cache";
        if (EntityTagHeaderValue.TryParseList(context.Request.Headers.IfNoneMatch, out var known)
            && known.Contains(_tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = contentType;
        response.ContentLength = Content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(Content, context.RequestAborted);
        }
    }
}
