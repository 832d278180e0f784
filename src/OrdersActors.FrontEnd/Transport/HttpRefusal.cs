using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>Answers requests that do not become connections with a status and a reason for people.</summary>
internal static class HttpRefusal
{
    public static Task WriteAsync(HttpContext context, AdmissionRefusal refusal)
    {
        context.Response.Headers.RetryAfter =
            ((int)refusal.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, refusal.Reason);
    }

    public static async Task WriteAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        var body = Encoding.UTF8.GetBytes(reason);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
