namespace OrdersActors.Checker.Judging;

/// <summary>The log was replaced by an older copy. All commits in between are lost.</summary>
/// <param name="Copied">A moment before the copy was made.</param>
/// <param name="Restored">A moment after the copy was restored.</param>
internal readonly record struct Rewrite(long Copied, long Restored)
{
    /// <summary>
    /// The epochs that end with it, of the copy and of what was replaced, unless nobody knew the commits that were
    /// lost. Empty if all servers end as well: they begin a new epoch before they serve.
    /// </summary>
    public IReadOnlyList<string> Ended { get; init; } = [];

    /// <summary>
    /// Whether an acknowledged event may be lost: it was committed after the copy began and before the copy was
    /// restored. The publisher knows only that the commit lies between the start of its call and the answer.
    /// </summary>
    public bool MayHaveLost(LedgerEvent e) => e.SettledAt > Copied && e.StartedAt < Restored;
}
