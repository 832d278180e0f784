using System.ComponentModel.DataAnnotations;

namespace OrdersActors.FrontEnd;

/// <content>The limits on the number of connections.</content>
public sealed partial class FrontEndOptions
{
    /// <summary>
    /// Most connections of this server, WebSockets and event streams; default 50,000, 0 to 10,000,000, 0 for no limit.
    /// Further connections are answered with 503 and Retry-After. An idle connection with one subscription takes 10 KB
    /// of memory, and more with TLS, so 50,000 take 0.5 GB. Set the limit according to the memory of the machine.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnections { get; set; } = 50_000;

    /// <summary>
    /// Most connections from one IPv4 address, or one /64 of IPv6; default 0, no limit; up to 10,000,000. Further
    /// connections are answered with 503 and Retry-After. The default is no limit because many clients may share an
    /// address: all clients behind one company's network address, or behind a proxy that <see cref="KnownProxies"/>
    /// does not name. Set a limit only if the server sees the clients' own addresses.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>
    /// Most connections of one organization on this server; default 0, no limit; up to 10,000,000. Counted from the
    /// connect on. A further connect is answered with <c>rate_limited</c>, and the connection is closed with 1013. An
    /// event stream ends at once with the same code. Leave room for reconnects: a connection whose network has died
    /// counts until the server notices, for up to two <see cref="PingInterval"/>.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnectionsPerOrganization { get; set; }

    /// <summary>
    /// Most connections of one API key on this server; default 0, no limit; up to 10,000,000. Enforced like
    /// <see cref="MaxConnectionsPerOrganization"/>. An open key is public, so anyone who knows it can use up the limit.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnectionsPerKey { get; set; }

    /// <summary>
    /// Most connections of one customer, the <c>sub</c> of tokens, within an organization on this server; default 0, no
    /// limit; up to 10,000,000. Enforced like <see cref="MaxConnectionsPerOrganization"/>. Each tab and each device of
    /// a customer has a connection. Connections without a token, or whose token has no <c>sub</c>, do not count.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnectionsPerCustomer { get; set; }

    /// <summary>
    /// New connections per second that this server accepts on average, WebSockets and event streams; default 0, no
    /// limit; up to 1,000,000. Further ones are answered with 503 and Retry-After. A connect and its subscribe take
    /// about 0.5 ms of a processor. With a limit, a server that gets all clients of a failed one still has time for the
    /// clients that it has.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ConnectRate { get; set; }

    /// <summary>
    /// New connections that are accepted at once if there is a <see cref="ConnectRate"/>; default 1,000, 1 to
    /// 1,000,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int ConnectBurst { get; set; } = 1_000;

    /// <summary>
    /// Most connections that have not authenticated; default 5,000, 0 to 10,000,000, 0 for no limit. Further
    /// connections are answered with 503 and Retry-After. A connection counts here for at most
    /// <see cref="AuthenticationDeadline"/>. If the client sends its connect at once, it counts for milliseconds.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxUnauthenticatedConnections { get; set; } = 5_000;

    /// <summary>
    /// Most TCP connections that carry no WebSocket; default 20,000, 0 to 10,000,000, 0 for no limit. These are clients
    /// before their upgrade, health checks and other HTTP requests, event streams over HTTP/1.1, which also count as
    /// <see cref="MaxConnections"/>, and every HTTP/2 connection. Further connections
    /// are closed at once, without an answer. An idle one takes 5 KB of memory, so 20,000 take 100 MB. A client before
    /// its upgrade counts here for at most <see cref="AuthenticationDeadline"/>.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxHttpConnections { get; set; } = 20_000;
}
