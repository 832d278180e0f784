using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>Finds the transport of an upgraded request.</summary>
internal static class UpgradedTransport
{
    /// <summary>
    /// Returns the connection's own socket, except in three cases: the bytes are encrypted, they share a connection
    /// with other streams, or middleware or another web server processes them. Then it is the stream that the upgrade
    /// returned, and the request must not end before the WebSocket.
    /// </summary>
    public static IUpgradedTransport Of(HttpContext context, Stream stream) =>
        HttpProtocol.IsHttp11(context.Request.Protocol)
        && stream.GetType().Assembly == typeof(KestrelServerOptions).Assembly
        && context.Features.Get<ITlsHandshakeFeature>() is null
        && context.Features.Get<SocketConnection>()?.Upgrade() is { } socket
            ? socket
            : new UpgradedStream(stream, context);
}
