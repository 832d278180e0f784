using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Http.Authentication;
using OrdersActors.Http.Limits;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Publishing;

/// <summary>Serves <c>POST /v1/events</c>.</summary>
/// <remarks>
/// <code>
/// request ──► 1 origin ──► 2 slot ──► 3 authenticate ──► 4 key's limits ──► 5 body ──► 6 stream ──► 7 answer
/// </code>
/// Nothing of the body is read before step 5. So a client without valid credentials makes the server hold no more than
/// its headers, and <c>Expect: 100-continue</c> saves it from sending the body.
/// </remarks>
internal sealed class PublishEndpoint(
    IRequestAuthenticator authenticator, RequestGate gate, EventPublisher publisher, IOptions<HttpOptions> options,
    TimeProvider time)
{
    private readonly HttpOptions _options = options.Value;

    public async Task ServeAsync(HttpContext context)
    {
        // 1. A browser must not publish for a page of another site.
        CrossSite.Refuse(context.Request);
        // 2. The slot is held until the answer is written.
        using var admission = gate.Enter();
        // 3. Publishing needs a proof of the secret.
        var identity = await authenticator.AuthenticateAsync(context);
        RequireSecret(identity);
        // 4. The limits of the key.
        admission.Admit(identity.ApiKey);
        // 5 to 7.
        var format = BodyFormats.Of(context.Request);
        if (format == BodyFormat.Lines)
        {
            await PublishLinesAsync(context, identity, admission);
        }
        else
        {
            await PublishEventsAsync(context, identity, format, admission);
        }
    }

    private static void RequireSecret(ClientIdentity identity)
    {
        if (!identity.IsSigned)
        {
            throw new ProblemException(403, ProblemCode.AccessDenied,
                "publishing needs the API key's secret: send Basic credentials or a signature; a token can only read");
        }
    }

    private async Task PublishEventsAsync(
        HttpContext context, ClientIdentity identity, BodyFormat format, RequestGate.Admission admission)
    {
        EventsOfRequest request;
        // The events are copies, so the server's buffer is free while they are stored.
        using (var body = await RequestBody.ReadAsync(context, _options.MaxBodyBytes, admission))
        {
            request = Read(context.Request, format, body.Bytes.Span);
        }

        var stored = await publisher.PublishAsync(identity.OrganizationId, request, context.RequestAborted);
        await PublishAnswer.WriteAsync(context, request, stored);
    }

    private EventsOfRequest Read(HttpRequest request, BodyFormat format, ReadOnlySpan<byte> body) => format switch
    {
        BodyFormat.CloudEvent => EventBody.ReadCloudEvent(body),
        BodyFormat.CloudEventBatch => EventBody.ReadCloudEvents(body, _options.MaxEventsPerRequest),
        BodyFormat.BinaryCloudEvent => EventBody.ReadBinaryCloudEvent(request.Headers, body),
        _ => EventBody.Read(body, _options.MaxEventsPerRequest),
    };

    private async Task PublishLinesAsync(
        HttpContext context, ClientIdentity identity, RequestGate.Admission admission)
    {
        RequestBody.Limit(context, _options.MaxStreamBytes);
        // A client may send lines as they occur. LinePublisher has a timeout of its own.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        admission.Reserve(Math.Min(
            LinePublisher.MaxMemory, RequestBody.MemoryOf(context.Request.ContentLength ?? LinePublisher.MaxMemory)));
        await using var lines = new LinePublisher(publisher, identity.OrganizationId, context.Request.Body, time);
        await PublishAnswer.WriteAsync(context, await lines.RunAsync(context.RequestAborted));
    }
}
