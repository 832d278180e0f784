using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Authentication;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>Serves <c>/ws</c>: upgrades a request and runs its connection to the end.</summary>
internal sealed class ConnectionEndpoint(
    ConnectionRegistry registry, FeedHub hub, FeedReader reader, FrontEndTurns turns, Authenticator authenticator,
    IOptions<FrontEndOptions> options, TimeProvider time, ILogger<Connection> logger)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (registry.IsStopping)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        if (await WebSocketUpgrade.AcceptAsync(context) is not { } stream)
        {
            return;
        }

        var connection = new Connection(
            stream, context.Abort, hub, reader, turns, authenticator, options.Value, time, logger);
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
