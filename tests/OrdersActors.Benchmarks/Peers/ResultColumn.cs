using System.Globalization;

namespace OrdersActors.Benchmarks.Peers;

/// <summary>A column of a <see cref="ResultTable"/>.</summary>
/// <param name="Title">The title with the unit.</param>
/// <param name="Format">The format of the numbers.</param>
/// <param name="Value">The value of one run.</param>
/// <param name="HasRatio">Whether the ratio to SignalR is shown.</param>
internal sealed record ResultColumn(string Title, string Format, Func<LoadResult, double> Value, bool HasRatio = false)
{
    /// <summary>The columns for results like this one.</summary>
    public static ResultColumn[] Of(LoadResult example) =>
    [
        .. example.Unit == "delivery" ? Deliveries() : Connections(),
        new("server, cores", "0.00", r => r.ServerCpu / 1e6 / r.Seconds),
        new("load, cores", "0.00", r => r.LoadCpu / 1e6 / r.Seconds),
        new("others, cores", "0.00", r => r.OtherCpu / 1e6 / r.Seconds),
    ];

    public string Text(double value) => value.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>The median of the runs, and its ratio to that of SignalR if it ran.</summary>
    public string Cell(IEnumerable<LoadResult> runs, IEnumerable<LoadResult> signalR)
    {
        var median = Median(runs);
        var text = Text(median);
        return HasRatio && signalR.Any() && Median(signalR) is > 0 and var reference
            ? $"{text} ({(median / reference).ToString("0.00", CultureInfo.InvariantCulture)}×)"
            : text;
    }

    private static ResultColumn[] Deliveries() =>
    [
        new("deliveries/s", "0", r => r.Count / r.Seconds),
        new("server CPU, µs per delivery", "0.00", r => r.ServerCpu / r.Count, HasRatio: true),
        new("bytes per delivery", "0", r => r.Bytes / (double)r.Count),
        new("p50, ms", "0.00", r => r.P50, HasRatio: true),
        new("p99, ms", "0.00", r => r.P99, HasRatio: true),
        new("p99.9, ms", "0.0", r => r.P999),
        new("context switches per event", "0.0", r => r.Switches / Math.Max(1.0, r.Events)),
        new("system calls per event", "0.0", r => r.Calls / Math.Max(1.0, r.Events)),
        new("publisher CPU, µs per event", "0.0", r => r.PublisherCpu / Math.Max(1, r.Events)),
    ];

    private static ResultColumn[] Connections() =>
    [
        new("connections/s", "0", r => r.Phase == "idle" ? 0 : r.Count / r.Seconds, HasRatio: true),
        new("server CPU, µs per connection", "0", r => r.Phase == "idle" ? 0 : r.ServerCpu / r.Count, HasRatio: true),
        new("memory, KiB per connection", "0.0", r => r.Memory / 1024.0 / r.Count, HasRatio: true),
        new("CPU while idle, % of a core", "0.0", r => r.Phase == "idle" ? r.ServerCpu / r.Seconds / 1e4 : 0),
    ];

    private double Median(IEnumerable<LoadResult> runs)
    {
        double[] sorted = [.. runs.Select(Value).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
