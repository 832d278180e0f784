namespace OrdersActors.Checker.Judging;

/// <summary>The log came back as it had been a while ago: what was committed in between is gone.</summary>
/// <param name="Copied">Before the copy was made that came back.</param>
/// <param name="Restored">After the copy had come back.</param>
internal readonly record struct Rewrite(long Copied, long Restored)
{
    /// <summary>
    /// Whether an acknowledged event may be gone: its commit was after the copy began and before the copy came back. Its publisher
    /// knows only that the commit lies between the start of its call and the answer.
    /// </summary>
    public bool MayHaveLost(PublishedEvent e) => e.SettledAt > Copied && e.StartedAt < Restored;
}
