using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Checker;

/// <summary>How a run ended.</summary>
/// <param name="Found">The first counter-example; null where everything was as promised.</param>
/// <param name="Counts">What was counted.</param>
/// <param name="Unknown">How many events that break no rule nobody was told of.</param>
/// <param name="Silences">What clients noticed of what happened to other servers.</param>
/// <param name="Server">What the server's processes counted.</param>
internal sealed record CheckResult(
    CounterExample? Found, RunCounts Counts, int Unknown, Silences Silences, IReadOnlyDictionary<string, long> Server)
{
    /// <summary>How many acknowledged events are gone because history was rewritten; null if it never was.</summary>
    public int? TakenBack { get; init; }

    public bool IsGreen => Found is null;

    /// <summary>The verdict line.</summary>
    public override string ToString() => IsGreen ? "GREEN" : $"RED {Found}";

    /// <summary>How many the server counted under this name, whatever the tags.</summary>
    public long Counted(string name) =>
        Server.Where(total => total.Key.StartsWith(name, StringComparison.Ordinal)).Sum(total => total.Value);
}
