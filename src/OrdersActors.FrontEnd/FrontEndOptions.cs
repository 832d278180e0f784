using System.ComponentModel.DataAnnotations;

namespace OrdersActors.FrontEnd;

/// <summary>How a front end treats its clients. Section <c>OrdersActors:FrontEnd</c>.</summary>
public sealed class FrontEndOptions
{
    /// <summary>Largest message a client may send, in bytes; default 16 KiB, 1 KiB to 1 MiB. A larger one closes with 1009.</summary>
    [Range(1024, 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 16 * 1024;

    /// <summary>
    /// How long a connection may stay without authenticating; default 10 s, 1 s to 5 min. Then an error and 1008, or 1013 where
    /// the connect came and nobody could decide on it. The head of any request must come within the same time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan AuthenticationDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a connection is pinged; default 25 s, 1 s to 10 min. Without any traffic for two intervals the connection is
    /// dropped. Below the idle limits of common proxies (60 s), so that they do not cut quiet connections.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Most subscriptions of one connection; default 1,000. Also the most elements of one <c>subscribe</c> with
    /// <c>orders</c>, and how many messages a connection may send once, after it has authenticated, beyond <see
    /// cref="MessageBurst"/>.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxSubscriptions { get; set; } = 1000;

    /// <summary>
    /// Messages a second that a connection may send on average; default 50. Pings, pongs and continuation frames count
    /// as messages.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MessageRate { get; set; } = 50;

    /// <summary>
    /// Messages that a connection may send at once; default 100. Past it every message is refused with <c>rate_limited</c>,
    /// and after as many refusals again without a pause the connection is closed with 1008.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MessageBurst { get; set; } = 100;

    /// <summary>
    /// Most bytes that wait for one client, besides what the operating system holds; default 1 MiB, at least 256 KiB, which
    /// is three of the largest events. Each message counts with 40 bytes besides its own, which is what it costs to
    /// keep it. A client that lets more pile up is cut off with 1013 and may resume.
    /// </summary>
    [Range(256 * 1024, 1024 * 1024 * 1024)]
    public int MaxQueuedBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Most connections of this server; default 50,000, 0 to 10,000,000, 0 for no limit. Past it a connection is
    /// answered with 503 and Retry-After. Idle connections with a subscription each take 20 KB of memory, so these take
    /// 1 GB: set it by the memory of the machine.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnections { get; set; } = 50_000;

    /// <summary>
    /// Most connections from one IPv4 address, or one /64 of IPv6; default 0, no limit; up to 10,000,000. Past it a
    /// connection is answered with 503 and Retry-After. There is no limit by default because all clients behind one
    /// company's network address, or behind a proxy that <see cref="KnownProxies"/> does not name, have the same
    /// address. Set it only if the server sees the clients' own addresses.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>
    /// Most connections that have not authenticated; default 5,000, 0 to 10,000,000, 0 for no limit. Past it a
    /// connection is answered with 503 and Retry-After. Each is there for at most <see cref="AuthenticationDeadline"/>;
    /// a client that sends its connect at once is there for milliseconds.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxUnauthenticatedConnections { get; set; } = 5_000;

    /// <summary>
    /// Connects that may fail on one connection; default 10, 1 to 1,000. Further ones are answered with
    /// <c>rate_limited</c> and not decided on, and after as many of those the connection is closed with 1008.
    /// </summary>
    [Range(1, 1_000)]
    public int MaxFailedConnects { get; set; } = 10;

    /// <summary>
    /// Connects that may fail at once for one IPv4 address, or one /64 of IPv6; default 100, 1 to 1,000,000. Past it
    /// connects from there are answered with <c>rate_limited</c>, except for <see cref="FailedConnectRatePerAddress"/>
    /// and those with a key that has authenticated in the last ten minutes.
    /// </summary>
    [Range(1, 1_000_000)]
    public int FailedConnectsPerAddress { get; set; } = 100;

    /// <summary>
    /// Connects a second that may fail on average for one IPv4 address, or one /64 of IPv6; default 10, 1 to 1,000,000.
    /// More of them let a client with a right key in sooner that shares its address with somebody who guesses keys.
    /// </summary>
    [Range(1, 1_000_000)]
    public int FailedConnectRatePerAddress { get; set; } = 10;

    /// <summary>
    /// The reverse proxies in front of this server: IP addresses and networks such as <c>10.0.0.0/8</c>, separated by
    /// commas; default none. From them, and from nobody else, <c>X-Forwarded-For</c> tells the client's address, for
    /// logs and the limits per address.
    /// </summary>
    public string KnownProxies { get; set; } = "";

    /// <summary>
    /// Most bytes of events that are kept for connections that resume; default 32 MiB, 0 to 1 GiB. More lets more clients
    /// that come back at once share what is read from the log. It is memory on top of the clients' queues.
    /// </summary>
    [Range(0, 1024 * 1024 * 1024)]
    public int ReplayCacheBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// How long a client has to take the last frames and answer a close that the server began, before its transport is
    /// ended; default 5 s, 1 s to 5 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Over how long a server that stops sends its clients away, 0 to 5 min; default 0: all at once, with 1001. In a cluster some
    /// seconds are right: clients are then closed one after the other, with 1012, so that they do not all reconnect to the others
    /// in the same moment. Whoever stops the server must give it this much longer.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// How often live connections' keys are looked up again; default 10 s, 1 to 20 s. A revoked key closes its
    /// connections within this and the time lookups are cached.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:20")]
    public TimeSpan KeyCheckInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a feed that nobody watches any more stays registered with its grain, so that reloading a page costs
    /// nothing; default 5 s, 0 to 5 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan FeedLinger { get; set; } = TimeSpan.FromSeconds(5);
}
