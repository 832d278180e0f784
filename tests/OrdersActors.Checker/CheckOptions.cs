namespace OrdersActors.Checker;

/// <summary>What a run is to be like.</summary>
internal sealed record CheckOptions
{
    /// <summary>How long events are published.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    public int Clients { get; init; } = 200;

    public int Organizations { get; init; } = 5;

    /// <summary>Of all organizations together.</summary>
    public int Orders { get; init; } = 200;

    /// <summary>Services that publish.</summary>
    public int Publishers { get; init; } = 4;

    /// <summary>Events a second, of all publishers together.</summary>
    public int Rate { get; init; } = 100;

    /// <summary>The shortest and the longest time between two disturbances of the server, in seconds; 0 for none.</summary>
    public (double Least, double Most) KillEvery { get; init; }

    /// <summary>For how many seconds the server is stopped (SIGSTOP) in its turn; 0 for killing it instead.</summary>
    public double StopFor { get; init; }

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
