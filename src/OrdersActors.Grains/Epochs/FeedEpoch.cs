namespace OrdersActors.Grains.Epochs;

/// <summary>
/// The epoch to which the numbers of one grain belong. When the log's epoch changes, the grain forgets them all. Used
/// only from the grain's own scheduler.
/// </summary>
/// <param name="epochs">The silo's view of the log's epoch.</param>
/// <param name="forget">Forgets what the grain holds of the ended epoch. Must not wait.</param>
internal sealed class FeedEpoch(LogEpochs epochs, Action forget)
{
    private string _epoch = epochs.Current;

    /// <summary>The epoch of the grain's numbers. The grain forgets them first if the log has another one by
    /// now.</summary>
    public string Follow()
    {
        var epoch = epochs.Current;
        if (epoch != _epoch)
        {
            _epoch = epoch;
            forget();
        }

        return epoch;
    }

    /// <summary>Whether numbers of this epoch may be compared with the grain's. False for stale ones.</summary>
    public async ValueTask<bool> AdmitsAsync(string? epoch)
    {
        // Most often neither has changed.
        if (epoch == Follow())
        {
            return true;
        }

        var isCurrent = await epochs.IsCurrentAsync(epoch);
        Follow();
        return isCurrent;
    }
}
