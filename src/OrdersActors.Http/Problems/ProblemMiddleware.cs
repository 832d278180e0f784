using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace OrdersActors.Http.Problems;

/// <summary>
/// Answers every failed request to <c>/v1</c> with a problem document: a <see cref="ProblemException"/> of an endpoint,
/// a body that Kestrel refuses, an unknown path or method, and a fault of the server. Counts all requests to
/// <c>/v1</c>.
/// </summary>
/// <remarks>
/// It has two parts. <see cref="Guard"/> surrounds each endpoint, inside of the error page that ASP.NET adds in
/// Development, which would show the credentials. <see cref="HandleAsync"/> surrounds routing, which answers unknown
/// paths and methods with a bare status. A refused request is logged at Debug, so that clients cannot fill the log. If
/// the response has started, the exception goes on to Kestrel, which aborts the connection.
/// </remarks>
internal sealed partial class ProblemMiddleware(ILogger<ProblemMiddleware> logger) : IStartupFilter
{
    private static readonly object OutcomeKey = new();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseWhen(
            static context => context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal),
            api => api.Use(HandleAsync));
        next(app);
    };

    /// <summary>Makes the endpoints of a group answer their exceptions with problems.</summary>
    public void Guard(IEndpointConventionBuilder endpoints) => endpoints.Finally(endpoint =>
    {
        if (endpoint.RequestDelegate is { } serve)
        {
            endpoint.RequestDelegate = context => GuardAsync(context, serve);
        }
    });

    /// <summary>Serves a request and answers its exception with a problem.</summary>
    public async Task GuardAsync(HttpContext context, RequestDelegate serve)
    {
        try
        {
            await serve(context);
        }
        catch (Exception e) when (IsClientGone(context, e))
        {
            context.Items[OutcomeKey] = HttpMetrics.Aborted;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var problem = Describe(context, e);
            LogRefused(context.Request.Method, context.Connection.RemoteIpAddress, problem.Status, problem.Code);
            await WriteAsync(context, problem);
        }
    }

    /// <summary>Passes a request on, gives a bare error its document, and counts the request.</summary>
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (IsBareError(context.Response))
            {
                await WriteAsync(context, OfStatus(context.Response.StatusCode));
            }
        }
        finally
        {
            HttpMetrics.CountRequest(context, context.Items[OutcomeKey] as string ?? HttpMetrics.Ok);
        }
    }

    private static Task WriteAsync(HttpContext context, ProblemException problem)
    {
        context.Items[OutcomeKey] = problem.Code;
        return ProblemDocument.WriteAsync(context, problem);
    }

    private static bool IsBareError(HttpResponse response) =>
        response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null or 0 };

    private static bool IsClientGone(HttpContext context, Exception e) =>
        e is ConnectionResetException
        || (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException);

    private static ProblemException OfStatus(int status) => new(status, ProblemCode.Of(status), status switch
    {
        StatusCodes.Status404NotFound => "there is no such resource",
        StatusCodes.Status405MethodNotAllowed => "the resource has no such method; the header Allow lists those it has",
        _ => ReasonPhrases.GetReasonPhrase(status),
    });

    private ProblemException Describe(HttpContext context, Exception e)
    {
        switch (e)
        {
            case ProblemException problem:
                return problem;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new ProblemException(413, ProblemCode.TooLarge, "the body is larger than this resource accepts");
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return new ProblemException(408, ProblemCode.Timeout, "the body came too slowly; send it again");
            case BadHttpRequestException bad:
                return new ProblemException(
                    bad.StatusCode, ProblemCode.Of(bad.StatusCode), "the body is not valid HTTP");
            default:
                LogFault(e, context.Request.Method, context.GetEndpoint()?.DisplayName);
                return new ProblemException(
                    500, ProblemCode.InternalError, "the server failed; its log has the reason");
        }
    }

    [LoggerMessage(1400, LogLevel.Debug, "Refused a {Method} request from {RemoteAddress} with {Status}: {Code}")]
    private partial void LogRefused(string method, System.Net.IPAddress? remoteAddress, int status, string code);

    [LoggerMessage(1401, LogLevel.Error, "A {Method} request to {Endpoint} failed and was answered with 500")]
    private partial void LogFault(Exception exception, string method, string? endpoint);
}
