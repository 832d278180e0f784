using Microsoft.Net.Http.Headers;

namespace OrdersActors.Server.Board;

/// <summary>
/// Serves the page's files. The headers make the browser enforce these rules: the page loads nothing from other sites;
/// no inline script or style runs; no other site can frame the page; no text of an event can become markup
/// (<c>trusted-types</c>).
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
        // The browser revalidates each file, usually with a 304. Otherwise, after an update of the server, it could mix
        // cached modules of the old version with new ones.
        headers[HeaderNames.CacheControl] = "no-cache";
    }
}
