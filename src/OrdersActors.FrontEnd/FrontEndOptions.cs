using System.ComponentModel.DataAnnotations;

namespace OrdersActors.FrontEnd;

/// <summary>The limits and timeouts of the front end. Section <c>OrdersActors:FrontEnd</c>.</summary>
public sealed partial class FrontEndOptions
{
    /// <summary>
    /// Largest message that a client may send, in bytes; default 16 KiB, 1 KiB to 1 MiB. A larger one closes the
    /// connection with 1009.
    /// </summary>
    [Range(1024, 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 16 * 1024;

    /// <summary>
    /// Whether connections to <c>/ws</c> may agree on compression (permessage-deflate, RFC 7692); default false. Only
    /// clients that offer it are affected; browsers do. The server compresses an event once for all of them, and no
    /// other message. A client's compressed message counts inflated for <see cref="MaxMessageBytes"/>.
    /// </summary>
    public bool Compression { get; set; }

    /// <summary>
    /// How long a connection may stay open without authenticating; default 10 s, 1 s to 5 min. Then it gets an error
    /// and is closed with 1008. The status is 1013 if a connect came that could not be checked. The header of every
    /// HTTP request must arrive within the same time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan AuthenticationDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a connection is pinged; default 25 s, 1 s to 10 min. A WebSocket from which nothing arrives for two
    /// intervals is dropped. An event stream gets a comment, which its client does not answer. The default is below the
    /// idle timeouts of common proxies (60 s), so that they do not cut quiet connections.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Most subscriptions of one connection; default 1,000, 1 to 1,000,000. This is also the maximum number of elements
    /// in one <c>subscribe</c> with <c>orders</c>. After it has authenticated, a connection may also send this many
    /// messages beyond <see cref="MessageBurst"/>, once.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxSubscriptions { get; set; } = 1000;

    /// <summary>
    /// Messages per second that a connection may send on average; default 50, 1 to 1,000,000. Pings, pongs and
    /// continuation frames count as messages.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MessageRate { get; set; } = 50;

    /// <summary>
    /// Messages that a connection may send at once; default 100, 1 to 1,000,000. Every further message is refused with
    /// <c>rate_limited</c>. After the same number of refusals without a pause, the connection is not read any more, and
    /// is closed with 1008 after 2 s.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MessageBurst { get; set; } = 100;

    /// <summary>
    /// Most bytes that wait for one client, in addition to the operating system's buffers; default 1 MiB, 256 KiB to 1
    /// GiB. The minimum is enough for three of the largest events. Each message counts with its own bytes and 40 more,
    /// the memory overhead of a queued message. A client whose queue would exceed the limit is disconnected with 1013
    /// and may resume.
    /// </summary>
    [Range(256 * 1024, 1024 * 1024 * 1024)]
    public int MaxQueuedBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Most bytes that wait for all clients together; default 512 MiB, 0 for no limit, up to 1 TiB. Each queue counts
    /// with its bytes as in <see cref="MaxQueuedBytes"/>, rounded down to 4 KiB. Beyond the limit, the clients with the
    /// largest queues are disconnected with 1013 until nine tenths are left; they may resume. If the queues grow faster
    /// than that, no message is queued beyond five quarters of the limit.
    /// </summary>
    [Range(0L, 1024L * 1024 * 1024 * 1024)]
    public long MaxQueuedBytesInAll { get; set; } = 512L * 1024 * 1024;

    /// <summary>
    /// Most pages of events that are read and sent at the same time for resuming clients of one organization; default
    /// 0, as many as for all organizations together (half of the processors); up to 10,000. Further pages wait.
    /// Organizations take turns in any case, so one organization's replays delay those of another one by one page at
    /// most.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxReplaysPerOrganization { get; set; }

    /// <summary>
    /// Connects that may fail on one connection; default 10, 1 to 1,000. Further connects are refused with
    /// <c>rate_limited</c> and not checked. After the same number of such refusals the connection is closed with 1008.
    /// </summary>
    [Range(1, 1_000)]
    public int MaxFailedConnects { get; set; } = 10;

    /// <summary>
    /// Connects that may fail at once for one IPv4 address, or one /64 of IPv6; default 100, 1 to 1,000,000. Further
    /// connects from the address are refused with <c>rate_limited</c>. The exceptions are those that
    /// <see cref="FailedConnectRatePerAddress"/> admits, and those with a key that has authenticated in the last ten
    /// minutes.
    /// </summary>
    [Range(1, 1_000_000)]
    public int FailedConnectsPerAddress { get; set; } = 100;

    /// <summary>
    /// Connects per second that may fail on average for one IPv4 address, or one /64 of IPv6; default 10, 1 to
    /// 1,000,000. At a higher rate, a client with a valid key connects sooner if somebody at the same address guesses
    /// keys.
    /// </summary>
    [Range(1, 1_000_000)]
    public int FailedConnectRatePerAddress { get; set; } = 10;

    /// <summary>
    /// Subscribes to orders that may be denied at once on one connection; default 50, 1 to 1,000,000. Further
    /// subscribes are refused with <c>rate_limited</c> and not looked up. The exceptions are those that
    /// <see cref="DeniedSubscribeRatePerConnection"/> admits, and those of clients that have proved with a signature or
    /// a token that they may watch the order. The same exceptions apply to the limit per address.
    /// </summary>
    [Range(1, 1_000_000)]
    public int DeniedSubscribesPerConnection { get; set; } = 50;

    /// <summary>
    /// Subscribes to orders per second that may be denied on average on one connection; default 1, 1 to 1,000,000. A
    /// client that waits for an order without events may retry at this rate.
    /// </summary>
    [Range(1, 1_000_000)]
    public int DeniedSubscribeRatePerConnection { get; set; } = 1;

    /// <summary>
    /// Subscribes to orders that may be denied at once for one IPv4 address, or one /64 of IPv6; default 200, 1 to
    /// 1,000,000. Further subscribes from the address are refused with <c>rate_limited</c> and not looked up, except
    /// those that <see cref="DeniedSubscribeRatePerAddress"/> admits.
    /// </summary>
    [Range(1, 1_000_000)]
    public int DeniedSubscribesPerAddress { get; set; } = 200;

    /// <summary>
    /// Subscribes to orders per second that may be denied on average for one IPv4 address, or one /64 of IPv6; default
    /// 10, 1 to 1,000,000. This is the rate at which a client at one address can guess order ids.
    /// </summary>
    [Range(1, 1_000_000)]
    public int DeniedSubscribeRatePerAddress { get; set; } = 10;

    /// <summary>
    /// Subscribes to orders that may be denied at once for all clients with one API key; default 1,000, 1 to 1,000,000.
    /// Past this limit no subscribe is refused. Only the answers to denied subscribes wait, for up to two seconds.
    /// </summary>
    [Range(1, 1_000_000)]
    public int DeniedSubscribesPerKey { get; set; } = 1_000;

    /// <summary>
    /// Denied subscribes per second that are answered on average for all clients with one API key, after
    /// <see cref="DeniedSubscribesPerKey"/>; default 50, 1 to 1,000,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int DeniedSubscribeRatePerKey { get; set; } = 50;

    /// <summary>
    /// The reverse proxies in front of this server: IP addresses and networks such as <c>10.0.0.0/8</c>, separated by
    /// commas; default none. Only their <c>X-Forwarded-For</c> is trusted. It gives the client's address for logs and
    /// for the limits per address.
    /// </summary>
    public string KnownProxies { get; set; } = "";

    /// <summary>
    /// For each organization, the origins from whose pages browsers may use its keys, such as
    /// <c>https://shop.example</c>, separated by commas; <c>*</c> for any. Default: none, so that
    /// <see cref="DefaultAllowedOrigins"/> applies. The names of organizations are compared without case. A
    /// <c>connect</c> on <c>/ws</c> from another origin is refused. Over HTTP, pages of another origin are refused, and
    /// without any list no page of another origin can read an answer. Requests without an origin, as apps and services
    /// send them, are not affected.
    /// </summary>
    public Dictionary<string, string> AllowedOrigins { get; } = [];

    /// <summary>
    /// The origins for organizations that <see cref="AllowedOrigins"/> does not name, in the same form; default none:
    /// pages of any origin may use <c>/ws</c>, and none but this server's own may read answers over HTTP.
    /// </summary>
    public string DefaultAllowedOrigins { get; set; } = "";

    /// <summary>
    /// Most bytes of events that are cached for connections that resume; default 32 MiB, 0 to 1 GiB. With a larger
    /// cache, more clients that reconnect at once share the same reads of the log. The cache takes memory in addition
    /// to the clients' queues. An event counts twice, because WebSockets and event streams need different encodings,
    /// and a third time with <see cref="Compression"/>.
    /// </summary>
    [Range(0, 1024 * 1024 * 1024)]
    public int ReplayCacheBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// How long a client may take to read the last frames and answer a close that the server began; default 5 s, 1 s to
    /// 5 min. Then the transport is aborted.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a stopping server still serves its clients and accepts new ones while it already reports that it is not
    /// ready, 0 to 5 min; default 0. Behind a load balancer, set it longer than the load balancer takes to notice: the
    /// interval of its checks, multiplied by the failures that it needs, and a reserve. Then no client is refused. The
    /// supervisor that stops the server must allow it this much more time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainDelay { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// The time over which a stopping server closes its clients after <see cref="DrainDelay"/>, 0 to 5 min; default 0:
    /// all at once, with 1001. In a cluster, a few seconds are appropriate. Clients are then closed one after the
    /// other, with 1012, so that they do not all reconnect to the other servers at the same moment. The supervisor that
    /// stops the server must allow it this much more time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// How often the keys of live connections are checked; default 10 s, 1 to 20 s. If a key is revoked or restricted,
    /// or a secret ends, the connections that depend on it are closed within this time plus the time for which key
    /// lookups are cached.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:20")]
    public TimeSpan KeyCheckInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a feed without subscriptions stays registered with its grain; default 5 s, 0 to 5 min. Reloading a page
    /// then costs no new registration.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan FeedLinger { get; set; } = TimeSpan.FromSeconds(5);
}
