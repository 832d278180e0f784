using Microsoft.AspNetCore.Http;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Publishing;

/// <summary>
/// Refuses to publish what a page of another site sends (CSRF). A browser that once asked for the Basic credentials
/// attaches them to every request to this server, also to a form of another site. Such a site cannot forge the headers
/// <c>Origin</c> and <c>Sec-Fetch-Site</c>.
/// </summary>
/// <remarks>
/// Publishing needs a secret, which must never be part of a page. So there is no list of allowed origins. Other
/// programs than browsers send neither header and pass.
/// </remarks>
internal static class CrossSite
{
    /// <exception cref="ProblemException">403: a browser sends the request for a page of another site.</exception>
    public static void Refuse(HttpRequest request)
    {
        if (!IsOwn(request))
        {
            throw new ProblemException(403, ProblemCode.AccessDenied,
                "a page of another origin must not publish: a browser must never have the API key's secret; publish "
                + "from a backend");
        }
    }

    private static bool IsOwn(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            return false;
        }

        var origin = request.Headers.Origin.ToString();
        // The scheme is not compared: behind a proxy that terminates TLS, the server sees http where the browser has
        // https.
        return origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
