using System.Net;
using Microsoft.Net.Http.Headers;

namespace OrdersActors.Server.Operators;

/// <summary>
/// Separates the operators' port from the customers' ports, and lets only signed-in operators pass. On the operators'
/// port there is nothing but the operators' page, and it is on no other port.
/// </summary>
internal sealed partial class OperatorGate(OperatorSessions sessions, int port, ILogger<OperatorGate> logger)
{
    public const string Path = "/operators";
    public const string SignInPath = Path + "/sign-in";
    public const string SignOutPath = Path + "/sign-out";
    public const string DashboardPath = Path + "/dashboard";

    private const string Cookie = "orders_operator";

    // In bytes. A password that does not fit is not one.
    private const int MaxForm = 4096;

    // Our own page has no script. Orleans' dashboard has its own scripts and styles, also inline.
    private const string PagePolicy =
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private const string DashboardPolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data:; font-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var isPage = context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase);
        if (context.Connection.LocalPort != port)
        {
            return isPage ? RefuseAsync(context, HttpStatusCode.NotFound) : next(context);
        }

        Protect(context);
        if (context.Request.Path == "/")
        {
            context.Response.Redirect(Path);
            return Task.CompletedTask;
        }

        return !isPage ? RefuseAsync(context, HttpStatusCode.NotFound)
            : context.Request.Path == SignInPath ? SignInAsync(context)
            : !sessions.IsValid(context.Request.Cookies[Cookie]) ? SendToSignIn(context)
            : context.Request.Path == SignOutPath ? SignOut(context)
            : next(context);
    }

    private static Task RefuseAsync(HttpContext context, HttpStatusCode status)
    {
        context.SetEndpoint(null);
        context.Response.StatusCode = (int)status;
        return Task.CompletedTask;
    }

    private static Task SendToSignIn(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Path == Path)
        {
            context.Response.Redirect(SignInPath);
            return Task.CompletedTask;
        }

        return RefuseAsync(context, HttpStatusCode.Unauthorized);
    }

    private async Task SignInAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await WriteFormAsync(context, "");
            return;
        }

        var request = context.Request;
        if (IsForeign(context) || !request.HasFormContentType || request.ContentLength is not <= MaxForm)
        {
            await RefuseAsync(context, HttpStatusCode.BadRequest);
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var address = context.Connection.RemoteIpAddress;
        if (sessions.TrySignIn(form["password"], address, out var mustWait) is { } session)
        {
            LogSignedIn(address);
            context.Response.Cookies.Append(Cookie, session, CookieOf(context, OperatorSessions.Lifetime));
            context.Response.Redirect(Path);
            return;
        }

        if (!mustWait)
        {
            LogFailed(address);
        }

        context.Response.StatusCode =
            mustWait ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized;
        await WriteFormAsync(
            context, mustWait ? "Too many wrong passwords from this address. Wait." : "The password is wrong.");
    }

    private Task SignOut(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || IsForeign(context))
        {
            return RefuseAsync(context, HttpStatusCode.BadRequest);
        }

        sessions.End(context.Request.Cookies[Cookie]!);
        context.Response.Cookies.Delete(Cookie, CookieOf(context, TimeSpan.Zero));
        context.Response.Redirect(SignInPath);
        return Task.CompletedTask;
    }

    private static Task WriteFormAsync(HttpContext context, string message)
    {
        context.Response.ContentType = OperatorHtml.ContentType;
        return context.Response.WriteAsync(OperatorHtml.SignIn(message), context.RequestAborted);
    }

    /// <summary>Whether a browser says that a page of another origin has sent the request.</summary>
    private static bool IsForeign(HttpContext context) =>
        context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none");

    private static CookieOptions CookieOf(HttpContext context, TimeSpan lifetime) => new()
    {
        HttpOnly = true,
        SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = Path,
        MaxAge = lifetime,
    };

    private static void Protect(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            context.Request.Path.StartsWithSegments(DashboardPath, StringComparison.OrdinalIgnoreCase)
                ? DashboardPolicy
                : PagePolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers[HeaderNames.CacheControl] = "no-store";
    }

    [LoggerMessage(1650, LogLevel.Information, "An operator signed in from {Address}")]
    private partial void LogSignedIn(IPAddress? address);

    [LoggerMessage(1651, LogLevel.Warning,
        "A sign-in to the operators' page from {Address} failed: wrong password. After five failures, an address must "
        + "wait")]
    private partial void LogFailed(IPAddress? address);
}
