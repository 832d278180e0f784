using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Checker;

/// <summary>The result of a run.</summary>
/// <param name="Found">The first counter-example; null if the run is GREEN.</param>
/// <param name="Counts">The counters of the run.</param>
/// <param name="Unknown">The number of valid events whose outcome is unknown.</param>
/// <param name="Silences">The silences that clients saw after faults of other servers.</param>
/// <param name="Server">The totals that the server processes counted.</param>
internal sealed record CheckResult(
    CounterExample? Found, RunCounts Counts, int Unknown, Silences Silences, IReadOnlyDictionary<string, long> Server)
{
    /// <summary>
    /// The number of acknowledged events that are lost because history was rewritten; null if it never was.
    /// </summary>
    public int? TakenBack { get; init; }

    /// <summary>How long the deliveries to the raw clients took.</summary>
    public required Deliveries Deliveries { get; init; }

    public bool IsGreen => Found is null;

    /// <summary>The verdict line.</summary>
    public override string ToString() => IsGreen ? "GREEN" : $"RED {Found}";

    /// <summary>The server's total for this metric name, over all tags.</summary>
    public long Counted(string name) =>
        Server.Where(total => total.Key.StartsWith(name, StringComparison.Ordinal)).Sum(total => total.Value);
}
