using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// The opening handshake (RFC 6455, section 4.2; RFC 8441 over HTTP/2). The framework's middleware is not used because
/// it returns a WebSocket, and the connection needs the underlying stream to write shared frames.
/// </summary>
internal static class WebSocketUpgrade
{
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Upgrades the request to a stream, or answers it with 400 or 426 and returns null.</summary>
    /// <param name="context">The request.</param>
    /// <param name="extensions">The extensions to agree on; null for none.</param>
    public static async Task<Stream?> AcceptAsync(HttpContext context, string? extensions = null)
    {
        var request = context.Request;
        var connect = context.Features.Get<IHttpExtendedConnectFeature>();
        if (connect is { IsExtendedConnect: true }
            && string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase))
        {
            if (request.Headers.SecWebSocketVersion != "13")
            {
                return await RefuseAsync(
                    context, StatusCodes.Status426UpgradeRequired, "This server supports only WebSocket version 13.");
            }

            context.Response.Headers.SecWebSocketExtensions = extensions;
            return await connect.AcceptAsync();
        }

        if (!HttpProtocol.IsHttp11(request.Protocol))
        {
            return await RefuseAsync(
                context, StatusCodes.Status426UpgradeRequired,
                "A WebSocket needs HTTP/1.1, or HTTP/2 with an extended CONNECT.");
        }

        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        if (upgrade is not { IsUpgradableRequest: true } || !HasToken(request.Headers.Upgrade, "websocket"))
        {
            return await RefuseAsync(
                context, StatusCodes.Status426UpgradeRequired,
                "This is a WebSocket endpoint: connect with the WebSocket protocol.");
        }

        if (request.Headers.SecWebSocketVersion != "13")
        {
            return await RefuseAsync(
                context, StatusCodes.Status426UpgradeRequired, "This server supports only WebSocket version 13.");
        }

        if (request.Headers.SecWebSocketKey is not [{ } key] || !IsKey(key))
        {
            return await RefuseAsync(
                context, StatusCodes.Status400BadRequest, "Sec-WebSocket-Key must be 16 bytes in base64.");
        }

        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.SecWebSocketAccept = AcceptFor(key);
        context.Response.Headers.SecWebSocketExtensions = extensions;
        return await upgrade.UpgradeAsync();
    }

    // The RFC prescribes SHA-1. It protects nothing here.
#pragma warning disable CA5350
    private static string AcceptFor(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
#pragma warning restore CA5350

    private static bool IsKey(string key)
    {
        Span<byte> nonce = stackalloc byte[16];
        return key.Length == 24 && Convert.TryFromBase64String(key, nonce, out var length) && length == 16;
    }

    private static bool HasToken(string? header, string token) =>
        header is not null
        && header.Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase);

    private static async Task<Stream?> RefuseAsync(HttpContext context, int status, string why)
    {
        if (status == StatusCodes.Status426UpgradeRequired)
        {
            context.Response.Headers.SecWebSocketVersion = "13";
            if (!HttpProtocol.IsHttp2(context.Request.Protocol))
            {
                // HTTP/2 has no such header, and Kestrel warns about each one that it must remove.
                context.Response.Headers.Upgrade = "websocket";
            }
        }

        await HttpRefusal.WriteAsync(context, status, why);
        return null;
    }
}
