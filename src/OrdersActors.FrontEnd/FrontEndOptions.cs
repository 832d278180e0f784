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
    /// the connect came and nobody could decide on it.
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

    /// <summary>Messages a second that a connection may send on average; default 50.</summary>
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
    /// is three of the largest events. A client that lets more pile up is cut off with 1013 and may resume.
    /// </summary>
    [Range(256 * 1024, 1024 * 1024 * 1024)]
    public int MaxQueuedBytes { get; set; } = 1024 * 1024;

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
