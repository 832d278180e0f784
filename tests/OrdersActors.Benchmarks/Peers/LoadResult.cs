namespace OrdersActors.Benchmarks.Peers;

/// <summary>What the load process has measured in one phase of a workload.</summary>
/// <param name="Phase">The name of the phase.</param>
/// <param name="Unit">What <see cref="Count"/> counts: delivery or connection.</param>
internal sealed record LoadResult(string Phase, string Unit)
{
    /// <summary>Events that were requested.</summary>
    public long Events { get; init; }

    /// <summary>Deliveries or connections.</summary>
    public long Count { get; init; }

    /// <summary>Bytes that the load process received.</summary>
    public long Bytes { get; init; }

    public double Seconds { get; init; }

    /// <summary>CPU time of the server, in microseconds.</summary>
    public double ServerCpu { get; init; }

    /// <summary>CPU time of the publisher's process, in microseconds.</summary>
    public double PublisherCpu { get; init; }

    /// <summary>CPU time of the load process, in microseconds.</summary>
    public double LoadCpu { get; init; }

    /// <summary>CPU time of all other processes of the machine, in microseconds.</summary>
    public double OtherCpu { get; init; }

    /// <summary>Context switches of the server.</summary>
    public long Switches { get; init; }

    /// <summary>System calls of the server, if they are counted.</summary>
    public long Calls { get; init; }

    /// <summary>Growth of the server's resident memory, in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>Median time from the due time of an event to its arrival, in milliseconds.</summary>
    public double P50 { get; init; }

    /// <summary>The same for 99 of 100 deliveries.</summary>
    public double P99 { get; init; }

    /// <summary>The same for 999 of 1,000 deliveries.</summary>
    public double P999 { get; init; }

    /// <summary>The sum of two measurements of the same phase, without latencies.</summary>
    public static LoadResult operator +(LoadResult a, LoadResult b) => new(b.Phase, b.Unit)
    {
        Events = a.Events + b.Events,
        Count = a.Count + b.Count,
        Bytes = a.Bytes + b.Bytes,
        Seconds = a.Seconds + b.Seconds,
        ServerCpu = a.ServerCpu + b.ServerCpu,
        PublisherCpu = a.PublisherCpu + b.PublisherCpu,
        LoadCpu = a.LoadCpu + b.LoadCpu,
        OtherCpu = a.OtherCpu + b.OtherCpu,
        Switches = a.Switches + b.Switches,
        Calls = a.Calls + b.Calls,
    };
}
