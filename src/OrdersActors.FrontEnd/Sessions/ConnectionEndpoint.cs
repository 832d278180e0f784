using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
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

        var compression = options.Value.Compression
            ? DeflateExtension.Choose(context.Request.Headers.SecWebSocketExtensions)
            : null;
        if (!admission.TryEnter(context.Connection.RemoteIpAddress, out var slot, out var refusal))
        {
            await HttpRefusal.WriteAsync(context, refusal);
            return;
        }

        if (await TryUpgradeAsync(context, slot, compression?.Answer) is not { } transport)
        {
            return;
        }

        var origin = new PageOrigin(origins, context.Request.Headers.Origin);
        var connection = new Connection(
            transport, slot, origin, compression, registry, hub, reader, limiters, authenticator, guesses,
            options.Value, time, logger);
        if (transport is UpgradedSocket)
        {
            context.Features.GetRequiredFeature<SocketConnection>().Next = connection.RunAsync;
        }
        else
        {
            await connection.RunAsync();
        }
    }

    /// <summary>Upgrades the request. Otherwise answers it, gives the slot back, and returns null.</summary>
    private static async Task<IUpgradedTransport?> TryUpgradeAsync(
        HttpContext context, ConnectionAdmission.Slot slot, string? extensions)
    {
        IUpgradedTransport? transport = null;
        try
        {
            var stream = await WebSocketUpgrade.AcceptAsync(context, extensions);
            transport = stream is null ? null : UpgradedTransport.Of(context, stream);
            return transport;
        }
        finally
        {
            if (transport is null)
            {
                slot.Dispose();
            }
        }
    }
}
