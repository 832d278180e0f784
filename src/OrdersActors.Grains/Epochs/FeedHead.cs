using OrdersActors.Storage;

namespace OrdersActors.Grains.Epochs;

/// <summary>
/// Reads the newest number of a grain's feed from the log, in an epoch that has not changed meanwhile. A log that is
/// behind what the grain has passed on has lost history: then a new epoch begins.
/// </summary>
internal sealed class FeedHead(FeedKey feed, IEventLog log, LogEpochs epochs, Action forget)
{
    // A read, a new epoch that this grain begins or that another one has begun, and a read in that.
    private const int MaxReads = 4;

    public FeedEpoch Epoch { get; } = new(epochs, forget);

    /// <summary>The number, null if the feed does not exist, and its epoch, which is the grain's when this
    /// returns.</summary>
    /// <param name="read">Reads the number from the log.</param>
    /// <param name="passedOn">The last number that the grain has passed on.</param>
    /// <exception cref="EventLogUnavailableException">The epoch keeps changing, or the log cannot be read.</exception>
    public async Task<(long? Number, string Epoch)> ReadAsync(Func<Task<long?>> read, Func<long> passedOn)
    {
        for (var i = 0; i < MaxReads; i++)
        {
            var epoch = Epoch.Follow();
            // Committed before the read begins, so the read must see it.
            var known = passedOn();
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
