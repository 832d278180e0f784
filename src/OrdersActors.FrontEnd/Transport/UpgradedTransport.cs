using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>The transport of a connection after its upgrade.</summary>
/// <remarks>
/// It is the connection's own socket, except in three cases: the bytes are encrypted, they share a connection with
/// other streams, or middleware has replaced the web server's stream. Then it is the stream that the upgrade returned,
/// and the request must not end before the WebSocket.
/// </remarks>
/// <param name="Input">What the client sends.</param>
/// <param name="Output">Where to write.</param>
/// <param name="Abort">Ends the transport at once.</param>
/// <param name="Http">The phase that must end first; null if the WebSocket lives within its request.</param>
/// <param name="Closed">Cancelled when the client has ended its side or the transport was aborted.</param>
internal sealed record UpgradedTransport(
    Stream Input, IFrameOutput Output, Action Abort, HttpPhase? Http, CancellationToken Closed)
{
    /// <summary>Returns the transport of an upgraded request.</summary>
    public static UpgradedTransport Of(HttpContext context, Stream stream)
    {
        var socket = OutputOf(context, stream);
        return socket is not null && HttpPhase.Of(context) is { } http
            ? new(http.Transport.Input.AsStream(leaveOpen: true), socket, http.Abort, http, http.Closed)
            : new(
                stream, (IFrameOutput?)socket ?? new StreamOutput(stream), context.Abort, null, context.RequestAborted);
    }

    private static SocketOutput? OutputOf(HttpContext context, Stream stream) =>
        HttpProtocol.IsHttp11(context.Request.Protocol)
        && stream.GetType().Assembly == typeof(KestrelServerOptions).Assembly
        && context.Features.Get<ITlsHandshakeFeature>() is null
        && context.Features.Get<IConnectionSocketFeature>() is { Socket: var socket }
            ? SocketOutput.TryCreate(socket)
            : null;
}
