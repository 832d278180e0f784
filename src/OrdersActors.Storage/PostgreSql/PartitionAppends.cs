using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>The appends of one partition in a transaction.</summary>
/// <param name="Writer">The partition's writer.</param>
/// <param name="Appends">The appends.</param>
/// <param name="IsReadHere">Whether this process reads the partition.</param>
/// <param name="Known">The newest position that was known before the transaction.</param>
/// <param name="Epoch">The epoch before the transaction.</param>
internal sealed record PartitionAppends(
    PostgresWriter Writer, List<PendingAppend> Appends, bool IsReadHere, long Known, string Epoch);
