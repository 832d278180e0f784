namespace OrdersActors.Server.Board;

/// <summary>
/// Refuses requests that another site made a browser send. Such a site can post a form or plain text to this server, but
/// it cannot hide where it comes from (<c>Origin</c>, <c>Sec-Fetch-Site</c>), and it cannot send JSON without asking
/// first. Programs that are no browsers send neither header and pass.
/// </summary>
internal static class SameOrigin
{
    /// <summary>The filter: 403 for another site's request, 415 for a body that does not call itself JSON.</summary>
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
        // The scheme is left out: behind a proxy that ends TLS, the server does not know the one that the browser sees.
        return origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
