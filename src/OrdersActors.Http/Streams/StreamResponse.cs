using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Http.Streams;

/// <summary>Begins the responses of event streams.</summary>
internal static class StreamResponse
{
    public const string ContentType = "text/event-stream";

    /// <summary>Sets the status and the headers.</summary>
    public static void SetHeaders(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        // The URL may contain a token.
        response.Headers["Referrer-Policy"] = "no-referrer";
        // nginx would otherwise collect the events before it sends them.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>
    /// Refuses a stream for a while: with a stream that ends at once and says why and when to come back. An
    /// <c>EventSource</c> would never come back after an answer with 503 or 429.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="code">The code of the error.</param>
    /// <param name="message">The reason, for people.</param>
    /// <param name="retryAfter">When clients may come back. A part of it is added at random.</param>
    public static async Task RefuseAsync(HttpContext context, string code, string message, TimeSpan retryAfter)
    {
        SetHeaders(context);
        context.Response.Headers.RetryAfter =
            Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            var end = ServerSentEvents.End(code, message, RetryDelay.Spread(retryAfter));
            await context.Response.Body.WriteAsync(end, context.RequestAborted);
        }
    }

    /// <inheritdoc cref="RefuseAsync(HttpContext, string, string, TimeSpan)"/>
    public static Task RefuseAsync(HttpContext context, AdmissionRefusal refusal) => RefuseAsync(
        context, ProtocolError.Unavailable.Code, $"{ProtocolError.Unavailable.Words}: {refusal.Reason}",
        refusal.RetryAfter);
}
