using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using OrdersActors.Http.Documents;

namespace OrdersActors.Http.OpenApi;

/// <summary>
/// The document that describes the API. It is made once, for its first request, so that later requests cost nothing.
/// Everybody may read it.
/// </summary>
internal sealed class ApiDocument
{
    public const OpenApiSpecVersion SpecVersion = OpenApiSpecVersion.OpenApi3_1;

    private readonly Lazy<Task<ServedDocument>> _document;

    public ApiDocument(IServiceProvider services) =>
        _document = new Lazy<Task<ServedDocument>>(() => CreateAsync(services));

    /// <summary>Returns the document as UTF-8.</summary>
    public async Task<byte[]> GetAsync() => (await _document.Value).Content;

    public async Task ServeAsync(HttpContext context) => await (await _document.Value).ServeAsync(context);

    private static async Task<ServedDocument> CreateAsync(IServiceProvider services)
    {
        var provider = services.GetRequiredKeyedService<IOpenApiDocumentProvider>(ApiDescriptionHosting.DocumentName);
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        using var output = new MemoryStream();
        await document.SerializeAsJsonAsync(output, SpecVersion, CancellationToken.None);
        return new ServedDocument(output.ToArray(), ServedDocument.Json);
    }
}
