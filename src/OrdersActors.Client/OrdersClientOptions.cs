using System.Net.WebSockets;

namespace OrdersActors.Client;

/// <summary>The server, the credentials and the limits of a client.</summary>
public sealed class OrdersClientOptions
{
    /// <summary>
    /// The server: <c>wss://orders.example</c> or <c>ws:</c>; <c>https:</c> and <c>http:</c> mean the same. Required.
    /// Without a path it is <c>/ws</c>.
    /// </summary>
    public Uri? Address { get; set; }

    /// <summary>The API key. Required.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>
    /// Returns a token for this user from your backend. It is asked at the start, when the server says that the token
    /// expires in a minute, 30 s before its end by the local clock, and after the server refused it as expired. An
    /// exception is retried with back-off; <see cref="OrdersUnauthorizedException"/> stops the client. Timeout: 30 s.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? GetToken { get; set; }

    /// <summary>
    /// Returns a fresh signature from your backend, for each connection; see <see cref="AuthorizationSignature"/>.
    /// Exceptions and timeout as for <see cref="GetToken"/>.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? GetSignature { get; set; }

    /// <summary>
    /// The key's secret, with which a service signs its connections itself. It must never be part of an app. At most
    /// one of the secret, <see cref="GetToken"/> and <see cref="GetSignature"/> may be set.
    /// </summary>
    public string? ApiSecret { get; set; }

    /// <summary>
    /// Called if not all events of a watch can be had: they are no longer kept, or the history was rewritten. It is
    /// called in the watch's loop, between the events before and after the gap. Default: null; the watch then throws
    /// <see cref="OrderGapException"/>.
    /// </summary>
    public Func<OrderGap, CancellationToken, ValueTask>? OnGap { get; set; }

    /// <summary>
    /// Most bytes of events that wait for the reader of one watch, counted as their JSON and 200 bytes for each event;
    /// default 1 MiB, 64 KiB to 1 GiB. If a reader leaves no room for a second, its watch gets no further events until
    /// it has read those. Then the watch resumes after them. The other watches continue.
    /// </summary>
    public int MaxBufferedBytes { get; set; } = 1024 * 1024;

    /// <summary>Configures each WebSocket: proxy, certificates, headers. Default: null.</summary>
    public Action<ClientWebSocketOptions>? ConfigureSocket { get; set; }

    internal Uri WebSocketAddress
    {
        get
        {
            var address = new UriBuilder(Address!);
            address.Scheme = address.Scheme switch
            {
                "https" => "wss",
                "http" => "ws",
                var scheme => scheme,
            };
            address.Path = address.Path is "" or "/" ? "/ws" : address.Path;
            return address.Uri;
        }
    }
}
