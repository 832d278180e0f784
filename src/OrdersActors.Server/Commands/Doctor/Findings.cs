namespace OrdersActors.Server.Commands.Doctor;

/// <summary>The findings of one check.</summary>
internal sealed class Findings(string check)
{
    private readonly List<Finding> _all = [];

    /// <summary>The findings; never empty after the check.</summary>
    public IReadOnlyList<Finding> All => _all;

    public void Ok(string message) => _all.Add(new Finding(check, FindingState.Ok, message));

    public void Skip(string reason) => _all.Add(new Finding(check, FindingState.Skipped, reason));

    public void Warn(string message, string fix) => _all.Add(new Finding(check, FindingState.Warning, message, fix));

    public void Report(string message, string fix) => _all.Add(new Finding(check, FindingState.Problem, message, fix));
}
