using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Http.Origins;

/// <summary>
/// Lets pages of listed origins use <c>/v1</c> (CORS), and answers their preflights.
/// </summary>
/// <remarks>
/// <para>A preflight has no credentials, so it is answered for every origin that any organization lists. The request
/// itself also begins with the header for such an origin, so that the page can read why a request is refused. When the
/// organization is known, <see cref="OriginCheck"/> refuses the request, or removes the header, if that organization
/// does not list the origin.</para>
/// <para>Only reading is allowed. Publishing needs a secret, which a page must not have.</para>
/// <para>The server uses no cookies, so <c>Access-Control-Allow-Credentials</c> is never sent.</para>
/// </remarks>
internal sealed class CrossOrigin(AllowedOrigins origins) : IStartupFilter
{
    private const string Methods = "GET, HEAD";
    private const string ExposedHeaders = "ETag, Link, Location, Retry-After";
    private const string UsualHeaders = "Authorization, Content-Type, If-None-Match, Last-Event-ID";

    // Seconds. Browsers keep a preflight's answer for two hours at most.
    private const string MaxAge = "600";

    // A page may send any header. The header that is repeated must not be large.
    private const int LongestHeaders = 1024;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseWhen(
            static context => context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal),
            api => api.Use(HandleAsync));
        next(app);
    };

    public Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        var origin = context.Request.Headers.Origin.ToString();
        var isListed = origin.Length > 0 && origins.IsListedByAny(origin);
        if (isListed)
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlExposeHeaders = ExposedHeaders;
        }

        if (!HttpMethods.IsOptions(context.Request.Method)
            || context.Request.Headers.AccessControlRequestMethod.Count == 0)
        {
            return next(context);
        }

        if (isListed)
        {
            headers.AccessControlAllowMethods = Methods;
            headers.AccessControlAllowHeaders = HeadersFor(context.Request);
            headers.AccessControlMaxAge = MaxAge;
        }

        headers.Append(HeaderNames.Vary, HeaderNames.AccessControlRequestHeaders);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static string HeadersFor(HttpRequest request) =>
        request.Headers.AccessControlRequestHeaders.ToString() is { Length: > 0 and <= LongestHeaders } wanted
            ? wanted
            : UsualHeaders;
}
