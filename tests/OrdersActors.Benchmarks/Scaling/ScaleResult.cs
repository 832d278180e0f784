using System.Globalization;

namespace OrdersActors.Benchmarks.Scaling;

/// <summary>The measurement of one cluster under the quota.</summary>
/// <param name="Servers">The number of servers.</param>
/// <param name="Quota">The quota of each server, in cores.</param>
internal sealed record ScaleResult(int Servers, double Quota)
{
    // A group that is throttled in each period uses a little less than its quota, because the kernel counts in slices.
    private const double UsedUp = 0.9;

    /// <summary>The head of the table.</summary>
    public const string Header =
        "| servers | connections | connects/s | delivered/s | per server, of one alone | servers, cores of quota | "
        + "periods throttled | servers, µs per delivery | PostgreSQL, cores | load, cores | others, cores | limit |\n"
        + "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |";

    /// <summary>The connections that were open.</summary>
    public int Connections { get; init; }

    /// <summary>Connects with a subscription per second.</summary>
    public double ConnectRate { get; init; }

    /// <summary>Events that subscribers received per second.</summary>
    public double DeliveryRate { get; init; }

    /// <summary>CPU time of all servers, in cores.</summary>
    public double ServerCores { get; init; }

    /// <summary>The share of the periods in which a server had used its quota, from 0 to 1.</summary>
    public double Throttled { get; init; }

    /// <summary>CPU time of PostgreSQL, in cores.</summary>
    public double PostgresCores { get; init; }

    /// <summary>CPU time of the process with the publishers and subscribers, in cores.</summary>
    public double LoadCores { get; init; }

    /// <summary>CPU time of all other processes of the machine, in cores.</summary>
    public double OtherCores { get; init; }

    /// <summary>The cores of the machine.</summary>
    public int MachineCores { get; init; } = Environment.ProcessorCount;

    /// <summary>The resources that prevented a higher rate.</summary>
    public string Limit
    {
        get
        {
            (string Name, double Used, double Available)[] resources =
            [
                ("quota of the servers", ServerCores, Quota * Servers),
                ("PostgreSQL", PostgresCores, 1),
                ("machine", ServerCores + PostgresCores + LoadCores + OtherCores, MachineCores),
            ];
            string[] limits =
            [
                .. resources.Where(each => each.Used >= UsedUp * each.Available).Select(each => each.Name),
            ];
            return limits.Length > 0 ? string.Join(", ", limits) : "none: waits";
        }
    }

    /// <summary>The row of the table.</summary>
    /// <param name="alone">The result of one server, or null.</param>
    public string ToRow(ScaleResult? alone)
    {
        var share = alone is null ? "–" : Text(DeliveryRate / Servers / (alone.DeliveryRate / alone.Servers), "0 %");
        string[] cells =
        [
            $"{Servers}", $"{Connections}", Text(ConnectRate, "0"), Text(DeliveryRate, "0"), share,
            $"{Text(ServerCores, "0.00")} of {Text(Quota * Servers, "0.00")}", Text(Throttled, "0 %"),
            Text(ServerCores * 1e6 / DeliveryRate, "0"), Text(PostgresCores, "0.00"), Text(LoadCores, "0.00"),
            Text(OtherCores, "0.00"), Limit,
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
