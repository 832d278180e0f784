namespace OrdersActors.Checker.Judging;

/// <summary>
/// Decides whether the guarantee held: every acknowledged event of a scope reached every client of that scope exactly
/// once and in order, and no client received anything else. It does no I/O and reads no clock.
/// </summary>
/// <remarks>
/// The history is checked first, against what the publishers know; then each client, against the history. So a
/// violation is reported where it occurred: an event that was never stored is missing in the log, not at 200 clients.
/// </remarks>
internal static class Judge
{
    /// <summary>The first counter-example; null if the guarantee held.</summary>
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
