namespace OrdersActors.Storage.PostgreSql;

/// <summary>What <see cref="PostgresAppender"/> has stored of a group.</summary>
internal sealed class PostgresStored
{
    /// <summary>
    /// For each partition: the new events of its last transaction, which are at consecutive positions. A partition
    /// without a new event has none.
    /// </summary>
    public Dictionary<int, IReadOnlyList<PartitionEntry>> Entries { get; } = [];

    /// <summary>
    /// The partitions to which another transaction was appending. Nothing of them was stored, and their appends have no
    /// answer.
    /// </summary>
    public HashSet<int> Busy { get; } = [];

    /// <summary>Records a transaction.</summary>
    public void Add(Dictionary<int, IReadOnlyList<PartitionEntry>> transaction)
    {
        foreach (var (partition, entries) in transaction.Where(part => part.Value.Count > 0))
        {
            // Another process may have appended between two transactions, so their events are not consecutive.
            Entries[partition] = entries;
        }
    }
}
