namespace OrdersActors.Storage;

/// <summary>
/// Reads a log for operators' commands, beside running servers. It changes nothing and takes no lock. The epoch of the
/// events is the one that <see cref="GetEpochAsync"/> has returned last. Used by one caller at a time.
/// </summary>
public interface ILogReader : IAsyncDisposable
{
    /// <summary>The location of the database, for the operator. It contains no secret.</summary>
    string Location { get; }

    /// <summary>The log's epoch.</summary>
    Task<string> GetEpochAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="IEventLog.GetOrderHeadAsync"/>
    Task<OrderHead?> GetOrderHeadAsync(string organizationId, string orderId, CancellationToken cancellationToken);

    /// <inheritdoc cref="IEventLog.GetOrganizationHeadAsync"/>
    Task<OrganizationHead> GetOrganizationHeadAsync(string organizationId, CancellationToken cancellationToken);

    /// <inheritdoc cref="IEventLog.ReadOrderAsync"/>
    Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId, string orderId, long afterVersion, int limit, CancellationToken cancellationToken);

    /// <inheritdoc cref="IEventLog.ReadOrganizationAsync"/>
    Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>All partitions, in order.</summary>
    Task<IReadOnlyList<PartitionState>> GetPartitionsAsync(CancellationToken cancellationToken);

    /// <summary>The active silos of a cluster; empty if the log has no membership.</summary>
    Task<IReadOnlyList<ActiveSilo>> GetSilosAsync(string clusterId, CancellationToken cancellationToken);
}

/// <summary>How far a partition is.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Position">The position of its newest event; 0 if it has none.</param>
/// <param name="Checkpoint">
/// The position up to which its events have been delivered, as it was stored last. It is stored with a delay.
/// </param>
public readonly record struct PartitionState(int Partition, long Position, long Checkpoint)
{
    /// <summary>
    /// The positions after the checkpoint. In SQLite all partitions share the positions, so it is an upper bound of the
    /// number of events.
    /// </summary>
    public long Lag => Math.Max(0, Position - Checkpoint);
}

/// <summary>A silo in the table of the cluster's membership.</summary>
/// <param name="Address">Its IP address.</param>
/// <param name="Port">Its silo port.</param>
/// <param name="Generation">The number that distinguishes it from silos that ran at the same address before.</param>
public readonly record struct ActiveSilo(string Address, int Port, int Generation);
