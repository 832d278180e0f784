namespace OrdersActors.Server.Board;

/// <summary>
/// Refuses requests that another site makes a browser send (CSRF). Such a site can post a form or plain text to this
/// server. It cannot forge the headers <c>Origin</c> and <c>Sec-Fetch-Site</c>, and it cannot send JSON without a CORS
/// preflight, which this server does not allow. Other programs than browsers send neither header and pass.
/// </summary>
internal static class SameOrigin
{
    /// <summary>
    /// The endpoint filter. It answers 403 to a request from another site, and 415 if the content type is not JSON.
    /// </summary>
    public static async ValueTask<object?> RequireAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (!IsOwn(request))
        {
            return DemoEndpoints.Refuse(403, "other_origin", "Only this server's own page may do this.");
        }

        return request.HasJsonContentType()
            ? await next(context)
            : DemoEndpoints.Refuse(415, "not_json", "Content-Type must be application/json.");
    }

    private static bool IsOwn(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site is "cross-site" or "same-site")
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
