using OrdersActors.Storage;

namespace OrdersActors.Grains.Epochs;

/// <summary>
/// Reads the newest number of a grain's feed from the log, and returns it only if the epoch did not change during the
/// read. If the log is behind a number that the grain has passed on, the log has lost history, and a new epoch begins.
/// Used only from the grain's scheduler; reads of several callers may interleave.
/// </summary>
internal sealed class FeedHead(FeedKey feed, IEventLog log, LogEpochs epochs, Action discard)
{
    // One read, one after an epoch that this grain begins, one after an epoch that another silo begins, and one to
    // spare.
    private const int MaxReads = 4;

    public FeedEpoch Epoch { get; } = new(epochs, discard);

    /// <summary>
    /// Returns the newest number, or null if the feed does not exist, and its epoch, which is also the grain's epoch.
    /// </summary>
    /// <param name="read">Reads the number from the log.</param>
    /// <param name="passedOn">Returns the position up to which the grain has passed on events.</param>
    /// <exception cref="EventLogUnavailableException">The epoch keeps changing, or the log cannot be read.</exception>
    public async Task<(long? Number, string Epoch)> ReadAsync(Func<Task<long?>> read, Func<FeedPosition> passedOn)
    {
        for (var i = 0; i < MaxReads; i++)
        {
            var epoch = Epoch.Follow();
            // The last event was committed before the read begins, so the read must see it.
            var known = passedOn().Last;
            var number = await read();
            if (Epoch.Follow() != epoch)
            {
                continue;
            }

            if ((number ?? 0) >= known)
            {
                return (number, epoch);
            }

            await log.BeginEpochAsync(
                epoch, $"{feed} has {number ?? 0} as its newest number, but {known} has been passed on");
        }

        throw new EventLogUnavailableException(
            "the event log is unavailable: its history is being rewritten; try again");
    }
}
