using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrdersActors.Http.Reading;
using OrdersActors.Http.Streams;

namespace OrdersActors.Http.Endpoints;

/// <summary>
/// Answers <c>GET</c> and <c>HEAD</c> for the newest event of an order and for pages of events, and leads requests for
/// event streams to <see cref="EventStreamEndpoint"/>.
/// </summary>
internal sealed class ReadingEndpoints(
    FeedAccess access, EventPageReader pages, EventStreamEndpoint streams, ReadSlots slots, TimeProvider time)
{
    /// <summary>How long a client may take to read a page: 1 MB at 35 KB per second. Then it is disconnected.</summary>
    private static readonly TimeSpan WriteDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Serves <c>/v1/orders/{order_id}</c>.</summary>
    public async Task ServeNewestAsync(HttpContext context)
    {
        var orderId = OrderPath.OrderIdOf(context);
        _ = QueryReader.Read(context.Request);
        var (_, feed) = await access.AuthorizeAsync(context, orderId);
        var newest = await pages.ReadNewestAsync(feed, context.RequestAborted);
        var tag = OrderTag.Of(newest);
        var response = context.Response;
        response.Headers.ETag = tag.ToString();
        // A browser may keep the answer, but must ask each time whether it is still the newest one.
        SetHeaders(response, "private, no-cache");
        if (OrderTag.IsKnown(context.Request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "application/json";
        response.ContentLength = newest.Json.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(newest.Json, context.RequestAborted);
        }
    }

    /// <summary>Serves <c>/v1/orders/{order_id}/events</c>.</summary>
    public Task ServeOrderAsync(HttpContext context) => ServeAsync(context, OrderPath.OrderIdOf(context));

    /// <summary>Serves <c>/v1/events</c>.</summary>
    public Task ServeOrganizationAsync(HttpContext context) => ServeAsync(context, orderId: null);

    private Task ServeAsync(HttpContext context, string? orderId)
    {
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        return EventStreamEndpoint.IsWanted(context.Request)
            ? streams.ServeAsync(context, orderId)
            : ServePageAsync(context, orderId);
    }

    private async Task ServePageAsync(HttpContext context, string? orderId)
    {
        var query = PageQuery.Read(context.Request);
        var (identity, feed) = await access.AuthorizeAsync(context, orderId);
        using var slot = await slots.EnterAsync(identity.OrganizationId, context.RequestAborted);
        var page = await pages.ReadAsync(feed, query, context.RequestAborted);
        var response = context.Response;
        var next = page.Next is { } number ? UrlOf(context, orderId) + query.Next(number, page.Bounds.Epoch) : null;
        if (next is not null)
        {
            response.Headers.Link = $"<{next}>; rel=\"next\"";
        }

        response.ContentType = "application/json";
        SetHeaders(response, "no-store");
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await WriteAsync(context, page, next);
        }
    }

    private async Task WriteAsync(HttpContext context, EventPage page, string? next)
    {
        using var deadline = new CancellationTokenSource(WriteDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        try
        {
            await EventPageWriter.WriteAsync(context.Response, page, next, either.Token);
        }
        catch (OperationCanceledException)
        {
            // The answer has begun, so the client can learn only from the transport that it is incomplete.
            context.Abort();
            throw;
        }
    }

    private static string UrlOf(HttpContext context, string? orderId) =>
        context.Request.PathBase.ToUriComponent()
        + (orderId is null ? "/v1/events" : $"/v1/orders/{Uri.EscapeDataString(orderId)}/events");

    private static void SetHeaders(HttpResponse response, string caching)
    {
        response.Headers.CacheControl = caching;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }
}
