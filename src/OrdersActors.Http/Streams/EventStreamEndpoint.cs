using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Reading;

namespace OrdersActors.Http.Streams;

/// <summary>Serves event streams: admits a request, authenticates it, and runs its stream to the end.</summary>
/// <remarks>
/// Streams count in the same limits as WebSockets. A refusal that time heals is a stream that ends at once
/// (<see cref="StreamResponse.RefuseAsync(HttpContext, string, string, TimeSpan)"/>); any other one is a problem
/// document, after which a browser does not come back.
/// </remarks>
internal sealed class EventStreamEndpoint(
    FeedAccess access, ConnectionRegistry registry, ConnectionAdmission admission, FeedHub hub, FeedReader reader,
    FrontEndLimiters limiters, IOptions<FrontEndOptions> options, TimeProvider time, ILogger<EventStream> logger)
{
    private static readonly TimeSpan DefaultRetry = TimeSpan.FromSeconds(2);

    /// <summary>Whether a request accepts an event stream.</summary>
    public static bool IsWanted(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals(StreamResponse.ContentType, StringComparison.OrdinalIgnoreCase)
            && type.Quality is null or > 0);

    /// <summary>Serves a stream of an order's events, or of all events of the organization.</summary>
    public async Task ServeAsync(HttpContext context, string? orderId)
    {
        if (registry.IsStopping)
        {
            ConnectionMetrics.CountRefused(AdmissionRefusal.Stopping.Limit);
            await StreamResponse.RefuseAsync(context, AdmissionRefusal.Stopping);
            return;
        }

        if (!admission.TryEnter(context.Connection.RemoteIpAddress, out var slot, out var refusal))
        {
            await StreamResponse.RefuseAsync(context, refusal);
            return;
        }

        using var admitted = slot;
        try
        {
            await ServeAsync(context, orderId, slot);
        }
        catch (ProblemException e) when (IsTemporary(e) && !context.Response.HasStarted)
        {
            await StreamResponse.RefuseAsync(context, e.Code, e.Message, e.RetryAfter ?? DefaultRetry);
        }
    }

    private static bool IsTemporary(ProblemException e) =>
        e.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;

    private async Task ServeAsync(HttpContext context, string? orderId, ConnectionAdmission.Slot slot)
    {
        QueryToken.MoveToHeader(context.Request);
        var wanted = StreamQuery.Read(context.Request);
        var (identity, feed) = await access.AuthorizeAsync(context, orderId);
        if (slot.Admit(identity.Owner) is { } refusal)
        {
            await StreamResponse.RefuseAsync(
                context, ProtocolError.RateLimited.Code, $"{ProtocolError.RateLimited.Words}: {refusal.Reason}",
                refusal.RetryAfter);
            return;
        }

        slot.Authenticated();
        await using var stream = new EventStream(
            context.Response.Body, context.Abort, identity, slot.Address, hub, reader, limiters, options.Value, time,
            logger);
        var start = await FindStartAsync(stream, feed, wanted, context.RequestAborted);
        StreamResponse.SetHeaders(context);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await context.Response.StartAsync(context.RequestAborted);
        await RunAsync(context, stream, feed, start);
    }

    private async Task<ResumedFrom> FindStartAsync(
        EventStream stream, FeedKey feed, ResumePoint wanted, CancellationToken cancellationToken)
    {
        FeedBounds bounds;
        try
        {
            using var permit = await limiters.Requests.AcquireAsync(cancellationToken);
            bounds = await stream.GetBoundsAsync(feed) ?? throw ReadProblems.NoSuchOrder();
        }
        catch (Exception e) when (Transient.Is(e))
        {
            throw ReadProblems.Unavailable();
        }

        var start = wanted.In(bounds) ?? throw ReadProblems.BeyondNewest(wanted.After, bounds);
        if (wanted.After is not null)
        {
            SubscriptionMetrics.CountResume(start.Earliest is null);
        }

        return start;
    }

    private async Task RunAsync(HttpContext context, EventStream stream, FeedKey feed, ResumedFrom start)
    {
        // After its headers, so that the registry may end it at any moment.
        registry.Add(stream);
        StreamMetrics.CountOpened();
        try
        {
            await stream.RunAsync(feed, start, context.RequestAborted);
        }
        finally
        {
            StreamMetrics.CountEnded();
            registry.Remove(stream);
        }
    }
}
