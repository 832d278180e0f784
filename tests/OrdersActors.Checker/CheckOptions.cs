using OrdersActors.Checker.Proxy;
using OrdersActors.Checker.Trouble;

namespace OrdersActors.Checker;

/// <summary>The parameters of a run.</summary>
internal sealed record CheckOptions
{
    /// <summary>How long events are published.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Server processes; each is a silo and a front end. A single server uses SQLite; several share a PostgreSQL.
    /// </summary>
    public int Servers { get; init; } = 1;

    /// <summary>Additional processes that are front ends only.</summary>
    public int FrontEnds { get; init; }

    /// <summary>Whether a HAProxy stands between the clients and three servers.</summary>
    public bool HaProxy { get; init; }

    public bool IsCluster => Servers + FrontEnds > 1;

    public int Clients { get; init; } = 200;

    /// <summary>The kind of the clients.</summary>
    public ClientChoice Client { get; init; } = ClientChoice.Raw;

    /// <summary>
    /// The folder of the TypeScript client, installed and built; null for the one of the repository that contains the
    /// executable.
    /// </summary>
    public string? TypeScriptFolder { get; init; }

    public int Organizations { get; init; } = 5;

    /// <summary>The total over all organizations.</summary>
    public int Orders { get; init; } = 200;

    /// <summary>The number of services that publish.</summary>
    public int Publishers { get; init; } = 4;

    /// <summary>Events per second, of all publishers together.</summary>
    public int Rate { get; init; } = 100;

    /// <summary>The shortest and the longest time between two faults, in seconds; 0 for no faults.</summary>
    public (double Least, double Most) KillEvery { get; init; }

    /// <summary>The kinds of faults; empty for all.</summary>
    public IReadOnlyList<TroubleKind> Troubles { get; init; } = [];

    /// <summary>
    /// The number of kinds of faults that must happen before the run ends. On a slow machine the run then takes up to
    /// three minutes longer than <see cref="Duration"/>.
    /// </summary>
    public int Kinds { get; init; }

    /// <summary>
    /// The faults after which no more are made; 0 for no limit. The run ends when the last one has ended, at most three
    /// minutes after <see cref="Duration"/>. The first one waits until all clients are connected.
    /// </summary>
    public int MaxTroubles { get; init; }

    /// <summary>How many seconds a server is frozen (SIGSTOP); 0 for never.</summary>
    public double StopFor { get; init; }

    /// <summary>How many seconds the network between one server and the others is cut; 0 for never.</summary>
    public double CutNetwork { get; init; } = 30;

    /// <summary>
    /// The number of seconds whose commits are lost when an older copy of the database is restored; 0 for never. All
    /// events of this time are lost, including acknowledged ones.
    /// </summary>
    public double LoseCommits { get; init; }

    /// <summary>The mean time until a client cuts its own connection, in seconds; 0 for never.</summary>
    public double CutEvery { get; init; }

    /// <summary>The share of connections whose client stops reading for a while.</summary>
    public double Stall { get; init; }

    /// <summary>
    /// The shortest and the longest time between two faults of the proxy of the libraries' clients, in seconds; 0 for
    /// no faults.
    /// </summary>
    public (double Least, double Most) ProxyEvery { get; init; }

    /// <summary>The kinds of faults of the proxy; empty for all.</summary>
    public IReadOnlyList<ProxyFault> ProxyFaults { get; init; } = [];

    /// <summary>How many seconds a connection stays half open.</summary>
    public double HalfOpenFor { get; init; } = 70;

    /// <summary>
    /// The share of deliveries on each of <see cref="Hops"/> that is lost. Equal shares are repeated and swapped.
    /// </summary>
    public double Faults { get; init; }

    /// <summary>The hops with faults; empty for all.</summary>
    public IReadOnlyList<string> Hops { get; init; } = [];

    /// <summary>Whether servers and publishers use mutual TLS, with certificates made for the run.</summary>
    public bool Tls { get; init; }

    /// <summary>
    /// The path of OrdersActors.Server.dll of another release, which a cluster starts with. Then all servers are
    /// upgraded to this version and rolled back, one after the other; null to run this version only.
    /// </summary>
    public string? PreviousServer { get; init; }

    /// <summary>A way to break the server on purpose; null for none.</summary>
    public string? Break { get; init; }

    /// <summary>
    /// How long clients that are behind may take to catch up after the faults have ended, while no client receives
    /// anything.
    /// </summary>
    public TimeSpan QuietTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>A file that receives the server's output; null for none.</summary>
    public string? ServerLog { get; init; }

    public int Seed { get; init; } = Environment.TickCount & 0xFFFF;
}
