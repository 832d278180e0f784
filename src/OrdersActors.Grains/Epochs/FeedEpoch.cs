namespace OrdersActors.Grains.Epochs;

/// <summary>
/// The epoch of one grain's numbers. When the log's epoch changes, the grain discards all its numbers. Used only from
/// the grain's own scheduler.
/// </summary>
/// <param name="epochs">The silo's view of the log's epoch.</param>
/// <param name="discard">Discards the grain's state of the ended epoch. Must not wait.</param>
internal sealed class FeedEpoch(LogEpochs epochs, Action discard)
{
    private string _epoch = epochs.Current;

    /// <summary>
    /// Returns the log's epoch. If it differs from the grain's, the grain discards its numbers first.
    /// </summary>
    public string Follow()
    {
        var epoch = epochs.Current;
        if (epoch != _epoch)
        {
            _epoch = epoch;
            discard();
        }

        return epoch;
    }

    /// <summary>Whether numbers of this epoch are comparable with the grain's. False for stale numbers.</summary>
    public async ValueTask<bool> AdmitsAsync(string? epoch)
    {
        // The usual case: neither epoch has changed.
        if (epoch == Follow())
        {
            return true;
        }

        var isCurrent = await epochs.IsCurrentAsync(epoch);
        Follow();
        return isCurrent;
    }
}
