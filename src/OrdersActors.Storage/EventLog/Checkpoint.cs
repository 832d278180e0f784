namespace OrdersActors.Storage.EventLog;

/// <summary>Reads checkpoints, in the same way for every implementation of the log.</summary>
internal static class Checkpoint
{
    /// <summary>
    /// Reads a checkpoint. A checkpoint ahead of the log shows that history was rewritten. Then a new epoch begins, and
    /// the checkpoint moves back to the end of the log.
    /// </summary>
    /// <param name="log">The log.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="read">Reads the checkpoint, and the newest position of the log or of the partition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<long> ReadAsync(
        IEventLog log,
        int partition,
        Func<Task<(long Position, long Newest)>> read,
        CancellationToken cancellationToken)
    {
        // Captured before the read: if the epoch ends during the read, the observation belongs to the ended one.
        var epoch = log.Epoch;
        var (position, newest) = await read();
        if (position > newest)
        {
            await log.BeginEpochAsync(
                epoch,
                $"the checkpoint of partition {partition} is {position}, but the log ends at {newest}",
                cancellationToken);
            (position, newest) = await read();
        }

        return Math.Min(position, newest);
    }
}
