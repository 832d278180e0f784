using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>Serves <c>/ws</c>: admits and upgrades a request, and runs its connection to the end.</summary>
internal sealed class ConnectionEndpoint(
    ConnectionRegistry registry, ConnectionAdmission admission, FeedHub hub, FeedReader reader,
    FrontEndLimiters limiters, Authenticator authenticator, GuessLimits guesses, AllowedOrigins origins,
    IOptions<FrontEndOptions> options, TimeProvider time, ILogger<Connection> logger)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (registry.IsStopping)
        {
            ConnectionMetrics.CountRefused(AdmissionRefusal.Stopping.Limit);
            await HttpRefusal.WriteAsync(context, AdmissionRefusal.Stopping);
            return;
        }

        if (!admission.TryEnter(context.Connection.RemoteIpAddress, out var slot, out var refusal))
        {
            await HttpRefusal.WriteAsync(context, refusal);
            return;
        }

        using var admitted = slot;

        var compression = options.Value.Compression
            ? DeflateExtension.Choose(context.Request.Headers.SecWebSocketExtensions)
            : null;
        if (await WebSocketUpgrade.AcceptAsync(context, compression?.Answer) is not { } stream)
        {
            return;
        }

        var origin = new PageOrigin(origins, context.Request.Headers.Origin);
        var connection = new Connection(
            stream, WebSocketUpgrade.OutputOf(context, stream), context.Abort, slot, origin, compression, hub, reader,
            limiters, authenticator, guesses, options.Value, time, logger);
        registry.Add(connection);
        try
        {
            await connection.RunAsync(context.RequestAborted);
        }
        finally
        {
            registry.Remove(connection);
        }
    }
}
