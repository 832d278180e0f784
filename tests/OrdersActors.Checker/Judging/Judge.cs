namespace OrdersActors.Checker.Judging;

/// <summary>
/// Decides whether everything was as promised: every acknowledged event of a scope reached every client of it exactly once
/// and in order, and nothing else did. No input, no output, no clock.
/// </summary>
/// <remarks>
/// First the history is held against what publishers know; then what each client received against the history. So
/// what is wrong is told where it went wrong: an event that was never stored is missing in the log and not at 200 clients.
/// </remarks>
internal static class Judge
{
    /// <summary>The first counter-example, or null where there is none.</summary>
    public static CounterExample? Decide(Evidence evidence)
    {
        if (HistoryCheck.Find(evidence) is { } wrong)
        {
            return wrong;
        }

        var history = new History(evidence);
        return evidence.Clients
            .Select(client => client.Resumes
                ? new ResumingClientCheck(client, history).Find()
                : new LiveClientCheck(client, history).Find())
            .FirstOrDefault(found => found is not null);
    }
}
