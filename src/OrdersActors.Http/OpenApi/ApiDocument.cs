using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace OrdersActors.Http.OpenApi;

/// <summary>
/// The document that describes the API. It is made once, for its first request, so that later requests cost nothing.
/// Everybody may read it.
/// </summary>
internal sealed class ApiDocument
{
    public const OpenApiSpecVersion SpecVersion = OpenApiSpecVersion.OpenApi3_1;

    private readonly Lazy<Task<(byte[] Json, EntityTagHeaderValue Tag)>> _document;

    public ApiDocument(IServiceProvider services) =>
        _document = new Lazy<Task<(byte[], EntityTagHeaderValue)>>(() => CreateAsync(services));

    /// <summary>Returns the document as UTF-8.</summary>
    public async Task<byte[]> GetAsync() => (await _document.Value).Json;

    public async Task ServeAsync(HttpContext context)
    {
        var (json, tag) = await _document.Value;
        var response = context.Response;
        response.Headers.ETag = tag.ToString();
        response.Headers.CacheControl = "no-cache";
        if (EntityTagHeaderValue.TryParseList(context.Request.Headers.IfNoneMatch, out var known)
            && known.Contains(tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(json, context.RequestAborted);
        }
    }

    private static async Task<(byte[] Json, EntityTagHeaderValue Tag)> CreateAsync(IServiceProvider services)
    {
        var provider = services.GetRequiredKeyedService<IOpenApiDocumentProvider>(ApiDescriptionHosting.DocumentName);
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        using var output = new MemoryStream();
        await document.SerializeAsJsonAsync(output, SpecVersion, CancellationToken.None);
        var json = output.ToArray();
        var hash = Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 8));
        return (json, new EntityTagHeaderValue($"\"{hash}\""));
    }
}
