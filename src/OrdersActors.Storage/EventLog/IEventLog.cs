namespace OrdersActors.Storage;

/// <summary>
/// The one durable truth: every event of every order, numbered.
/// </summary>
/// <remarks>
/// <para><b>Numbers.</b> <see cref="OrderEvent.Sequence"/> counts an organization's events and
/// <see cref="OrderEvent.Version"/> an order's: 1, 2, 3 … without holes. Everything of one organization is in one
/// partition. Appends to a partition commit one after another, so whoever reads number N+1 can read N.</para>
/// <para><b>Acknowledged is committed.</b> <see cref="AppendAsync"/> returns after the commit, and a commit survives the
/// loss of power. Appends that wait at the same time share one transaction; each still succeeds or fails on its own.</para>
/// <para><b>Once.</b> An event is stored once under its id, which is unique within the organization. Publishing the same
/// event again succeeds and returns what is stored, also within one batch. The same order, status and details are the same
/// event, whatever the time; anything else under the id is a conflict. An id is known as long as its event is kept.</para>
/// <para><b>Retention.</b> <see cref="TrimAsync"/> removes old events, never their numbers. What it leaves is told at
/// <see cref="Retention.RetentionOptions"/>.</para>
/// <para><b>Reads</b> return at most <c>limit</c> events, fewer where they are large, and nothing only at the end.</para>
/// <para><b>Errors.</b> <see cref="EventLogUnavailableException"/> means "try again"; the log recovers by itself when the
/// cause is gone.</para>
/// </remarks>
public interface IEventLog
{
    /// <summary>
    /// The epoch of the log, as this process knows it: a short random text that changes whenever history may have been
    /// rewritten. Numbers are comparable only within one epoch. It costs nothing to read. In a cluster a process learns
    /// of a new epoch within about a second.
    /// </summary>
    /// <remarks>
    /// A caller that reads numbers or events captures the epoch before it reads. Then a change during the read leads to
    /// numbers that are discarded as stale, and never to numbers of the old history that pass as the new one's.
    /// </remarks>
    string Epoch { get; }

    /// <summary>
    /// Starts a new epoch, because a caller has seen that the log is behind what it had acknowledged or returned. All
    /// processes that share the log follow. Checkpoints that are ahead of the log move back to its end.
    /// </summary>
    /// <param name="ended">The epoch in which the caller has seen it. If the log has another one already, nothing changes.</param>
    /// <param name="reason">The observation, in words, for the log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The log's epoch now.</returns>
    /// <exception cref="EventLogUnavailableException">The epoch may not have changed; try again later.</exception>
    Task<string> BeginEpochAsync(string ended, string reason, CancellationToken cancellationToken = default);

    /// <summary>How many partitions there are; fixed when the log is created. At least 1.</summary>
    int PartitionCount { get; }

    /// <summary>The partition of an organization, 0 to <see cref="PartitionCount"/> - 1. Never changes.</summary>
    int PartitionOf(string organizationId);

    /// <summary>Stores events of one organization, in order, all or none.</summary>
    /// <returns>Each event as stored, in the order given; the earlier one where the id was seen before.</returns>
    /// <exception cref="InvalidOrderEventException">An event breaks a rule of <see cref="OrderEventRules"/>, or the batch is
    /// empty or has more than <see cref="OrderEventRules.MaxBatch"/> events.</exception>
    /// <exception cref="EventConflictException">An id was used before for another order, status or details.</exception>
    /// <exception cref="EventLogUnavailableException">Not stored, or not known to be; retry under the same ids.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting; it may yet be stored.</exception>
    Task<IReadOnlyList<OrderEvent>> AppendAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken = default);

    /// <summary>
    /// The versions that an organization's order has; null if the organization has no such order. Two organizations may
    /// have an order of the same id; they have nothing to do with each other.
    /// </summary>
    Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken = default);

    /// <summary>The sequences an organization has; 0 and 1 where nothing was ever published for it.</summary>
    Task<OrganizationHead> GetOrganizationHeadAsync(string organizationId, CancellationToken cancellationToken = default);

    /// <summary>Finds an event by its organization and id.</summary>
    Task<OrderEvent?> FindAsync(string organizationId, string eventId, CancellationToken cancellationToken = default);

    /// <summary>Reads an order's events with a version greater than <paramref name="afterVersion"/>, in order.</summary>
    Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId, string orderId, long afterVersion, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads an organization's events with a sequence greater than <paramref name="afterSequence"/>, in order. None before
    /// <see cref="OrganizationHead.Earliest"/> is returned, even where it is kept for its order.
    /// </summary>
    Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads a partition's events at positions greater than <paramref name="afterPosition"/>, in commit order.
    /// Within it, each organization's events come in sequence order. Positions rise; they may have holes.
    /// </summary>
    Task<IReadOnlyList<PartitionEntry>> ReadPartitionAsync(
        int partition, long afterPosition, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits, without polling, until the partition holds something past <paramref name="afterPosition"/>; returns at once
    /// where it already does. It may also return where there was only reason to look. Ends with <see cref="OperationCanceledException"/> when cancelled.
    /// </summary>
    Task WaitForNewsAsync(int partition, long afterPosition, CancellationToken cancellationToken);

    /// <summary>The position up to which a partition has been delivered; 0 at the beginning.</summary>
    Task<long> GetCheckpointAsync(int partition, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves a checkpoint forward. A lower position than the stored one, and a position of another epoch than the log's,
    /// changes nothing.
    /// </summary>
    Task SaveCheckpointAsync(int partition, long position, string epoch, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes some of the events that the limits do not cover, a few hundred at most, so that appends do not wait long
    /// for it. Nothing past its partition's checkpoint is removed.
    /// </summary>
    /// <returns>What was removed, and whether there may be more. The caller rests before the next call.</returns>
    /// <exception cref="EventLogUnavailableException">Nothing was removed; try again later.</exception>
    Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken = default);
}

/// <summary>The events that an order has.</summary>
/// <param name="Version">The number of its last event.</param>
/// <param name="Earliest">The number of its first event that is still kept; one past <paramref name="Version"/> where none is.</param>
public readonly record struct OrderHead(long Version, long Earliest);

/// <summary>Which of an organization's events there are.</summary>
/// <param name="Sequence">The number of its last event.</param>
/// <param name="Earliest">The number from which on all are still kept; one past <paramref name="Sequence"/> where none is.</param>
public readonly record struct OrganizationHead(long Sequence, long Earliest);

/// <summary>An event at its place in a partition.</summary>
/// <param name="Position">Rises within the partition.</param>
/// <param name="Event">The event.</param>
public readonly record struct PartitionEntry(long Position, OrderEvent Event);
