using Microsoft.Net.Http.Headers;

namespace OrdersActors.Server.Board;

/// <summary>
/// Serves the page's files. The browser itself enforces what the page promises: nothing from elsewhere is loaded, no
/// inline script or style runs, no other site can frame it, and no text can become markup (<c>trusted-types</c>), so
/// that an event's words stay words whatever they contain.
/// </summary>
internal static class BoardPage
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
        "require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Maps <c>/</c> to the page and <c>/board/…</c> to its other files.</summary>
    public static void MapBoardPage(this IEndpointRouteBuilder endpoints)
    {
        foreach (var file in BoardFile.LoadAll())
        {
            var path = file.Name == "index.html" ? "/" : $"/board/{file.Name}";
            endpoints.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (HttpResponse response) =>
            {
                Protect(response.Headers);
                return TypedResults.Bytes(file.Contents, file.ContentType, entityTag: file.EntityTag);
            });
        }
    }

    private static void Protect(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // Asked for again each time and answered with 304: an updated server must not meet the modules of the old one.
        headers[HeaderNames.CacheControl] = "no-cache";
    }
}
