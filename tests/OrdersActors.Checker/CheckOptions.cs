using OrdersActors.Checker.Trouble;

namespace OrdersActors.Checker;

/// <summary>What a run is to be like.</summary>
internal sealed record CheckOptions
{
    /// <summary>How long events are published.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Server processes, each a silo that also holds sockets. One keeps its data in SQLite, several share a PostgreSQL.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>Processes beside them that hold sockets alone.</summary>
    public int FrontEnds { get; init; }

    public bool IsCluster => Servers + FrontEnds > 1;

    public int Clients { get; init; } = 200;

    public int Organizations { get; init; } = 5;

    /// <summary>Of all organizations together.</summary>
    public int Orders { get; init; } = 200;

    /// <summary>Services that publish.</summary>
    public int Publishers { get; init; } = 4;

    /// <summary>Events a second, of all publishers together.</summary>
    public int Rate { get; init; } = 100;

    /// <summary>The shortest and the longest time between two disturbances of the servers, in seconds; 0 for none.</summary>
    public (double Least, double Most) KillEvery { get; init; }

    /// <summary>What may happen to the servers; none stands for all.</summary>
    public IReadOnlyList<TroubleKind> Troubles { get; init; } = [];

    /// <summary>For how many seconds a server is stopped (SIGSTOP) in its turn; 0 for never.</summary>
    public double StopFor { get; init; }

    /// <summary>For how many seconds the network between a server and the others is cut; 0 for never.</summary>
    public double CutNetwork { get; init; } = 30;

    /// <summary>
    /// Of how many seconds the commits are lost when the database comes back as it was a while ago; 0 for never. All events of
    /// these seconds are gone then, also those that were acknowledged.
    /// </summary>
    public double LoseCommits { get; init; }

    /// <summary>The mean time between two cuts of a client's connection by itself, in seconds; 0 for none.</summary>
    public double CutEvery { get; init; }

    /// <summary>The share of connections whose client stops reading for a while.</summary>
    public double Stall { get; init; }

    /// <summary>The share of deliveries on each of <see cref="Hops"/> that is lost; as many are repeated and as many swapped.</summary>
    public double Faults { get; init; }

    /// <summary>The hops with faults; none stands for all.</summary>
    public IReadOnlyList<string> Hops { get; init; } = [];

    /// <summary>A way to break the server on purpose; null for none.</summary>
    public string? Break { get; init; }

    /// <summary>How long clients may take to catch up when all is calm, as long as not one of them receives anything.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>A file for what the server prints; null for none.</summary>
    public string? ServerLog { get; init; }

    public int Seed { get; init; } = Environment.TickCount & 0xFFFF;
}
