namespace OrdersActors.Storage;

/// <summary>
/// The durable source of truth: every event of every order, numbered.
/// </summary>
/// <remarks>
/// <para><b>Numbers.</b> <see cref="OrderEvent.Sequence"/> counts an organization's events and
/// <see cref="OrderEvent.Version"/> an order's: 1, 2, 3 … without gaps. All events of one organization are in one
/// partition. Appends to a partition commit one after another, so a reader that sees number N+1 can also read N.</para>
/// <para><b>Acknowledged means committed.</b> <see cref="AppendAsync"/> returns after the commit, and a commit survives
/// a power failure. Appends that wait at the same time share one transaction; each still succeeds or fails on its
/// own.</para>
/// <para><b>Idempotency.</b> An event is stored once under its id, which is unique within the organization. Publishing
/// the same event again succeeds and returns the stored event, also within one batch. Two events are the same if order,
/// status and details are equal; the time is ignored. Any other content under the id is a conflict. An id is known as
/// long as its event is kept.</para>
/// <para><b>Retention.</b> <see cref="TrimAsync"/> removes old events, never their numbers.
/// <see cref="Retention.RetentionOptions"/> describes which events it keeps.</para>
/// <para><b>Reads</b> return at most <c>limit</c> events, fewer if they are large, and none only at the end.</para>
/// <para><b>Errors.</b> <see cref="EventLogUnavailableException"/> means "retry". The log recovers without help when
/// the cause is gone.</para>
/// </remarks>
public interface IEventLog
{
    /// <summary>
    /// The epoch of the log, from this process's point of view: a short random text that changes whenever history may
    /// have been rewritten. Numbers are comparable only within one epoch. Reading this property costs nothing. In a
    /// cluster a process learns of a new epoch within about one second.
    /// </summary>
    /// <remarks>
    /// A caller that reads numbers or events must capture the epoch before it reads. If the epoch changes during the
    /// read, the numbers are then discarded as stale. In the other order, numbers of the old history could pass as
    /// numbers of the new one.
    /// </remarks>
    string Epoch { get; }

    /// <summary>
    /// Begins a new epoch, because a caller has seen that the log is behind a number that it had acknowledged or
    /// returned. All processes that share the log follow. Checkpoints that are ahead of the log move back to its end.
    /// </summary>
    /// <param name="ended">
    /// The epoch in which the caller made the observation. If the log already has another epoch, nothing changes.
    /// </param>
    /// <param name="reason">The observation in words, for the log message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The current epoch of the log.</returns>
    /// <exception cref="EventLogUnavailableException">The epoch may not have changed; retry later.</exception>
    Task<string> BeginEpochAsync(string ended, string reason, CancellationToken cancellationToken = default);

    /// <summary>The number of partitions, fixed when the log is created. At least 1.</summary>
    int PartitionCount { get; }

    /// <summary>The partition of an organization, 0 to <see cref="PartitionCount"/> - 1. Never changes.</summary>
    int PartitionOf(string organizationId);

    /// <summary>Stores events of one organization, in order, all or none.</summary>
    /// <returns>
    /// Each event as stored, in the given order. A duplicate is returned as it was stored the first time.
    /// </returns>
    /// <exception cref="InvalidOrderEventException">
    /// An event breaks a rule of <see cref="OrderEventRules"/>, or the batch is empty or has more than
    /// <see cref="OrderEventRules.MaxBatch"/> events.
    /// </exception>
    /// <exception cref="EventConflictException">An id was used before for another order, status or details.</exception>
    /// <exception cref="EventLogUnavailableException">
    /// The events are not stored, or it is unknown whether they are; retry under the same ids.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled while waiting; the events may still be stored.
    /// </exception>
    Task<AppendedEvents> AppendAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken = default);

    /// <summary>
    /// The range of versions of an organization's order; null if the organization has no such order. Orders of two
    /// organizations are independent of each other even if they have the same id.
    /// </summary>
    Task<OrderHead?> GetOrderHeadAsync(
        string organizationId, string orderId, CancellationToken cancellationToken = default);

    /// <summary>
    /// The range of sequences of an organization; 0 and 1 if no event was ever published for it.
    /// </summary>
    Task<OrganizationHead> GetOrganizationHeadAsync(
        string organizationId, CancellationToken cancellationToken = default);

    /// <summary>Finds an event by its organization and id.</summary>
    Task<OrderEvent?> FindAsync(string organizationId, string eventId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads an order's events with a version greater than <paramref name="afterVersion"/>, in order.
    /// </summary>
    Task<IReadOnlyList<OrderEvent>> ReadOrderAsync(
        string organizationId,
        string orderId,
        long afterVersion,
        int limit,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads an organization's events with a sequence greater than <paramref name="afterSequence"/>, in order. Never
    /// returns an event before <see cref="OrganizationHead.Earliest"/>, even if it is still kept for its order.
    /// </summary>
    Task<IReadOnlyList<OrderEvent>> ReadOrganizationAsync(
        string organizationId, long afterSequence, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads a partition's events at positions greater than <paramref name="afterPosition"/>, in commit order. Each
    /// organization's events are in sequence order. Positions ascend, possibly with gaps. Returns none also before an
    /// event that another process has just appended and that this process does not know of. Then
    /// <see cref="WaitForEventsAsync"/> ends as soon as it does.
    /// </summary>
    Task<IReadOnlyList<PartitionEntry>> ReadPartitionAsync(
        int partition, long afterPosition, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits, without polling, until the partition has an event after <paramref name="afterPosition"/>. Returns at once
    /// if it already has one. May also return early, when an untrusted hint arrives or the epoch changes. Ends with
    /// <see cref="OperationCanceledException"/> when cancelled.
    /// </summary>
    Task WaitForEventsAsync(int partition, long afterPosition, CancellationToken cancellationToken);

    /// <summary>
    /// When this process committed the event at a position of a partition, for metrics: a timestamp of
    /// <see cref="System.Diagnostics.Stopwatch"/>. If many commits followed, a later moment. 0 if unknown, because
    /// another process committed the event or nobody collects the metric.
    /// </summary>
    long FindCommitTimestamp(int partition, long position) => 0;

    /// <summary>The position up to which a partition has been delivered; 0 initially.</summary>
    Task<long> GetCheckpointAsync(int partition, CancellationToken cancellationToken = default);

    /// <summary>
    /// How far a partition has been delivered, and how far it reaches, for operators. Unlike
    /// <see cref="ReadPartitionAsync"/>, it may be called by a process that does not deliver the partition.
    /// </summary>
    /// <exception cref="EventLogUnavailableException">The log does not answer; retry later.</exception>
    async Task<PartitionState> GetStateAsync(int partition, CancellationToken cancellationToken = default)
    {
        var checkpoint = await GetCheckpointAsync(partition, cancellationToken);
        return new PartitionState(partition, checkpoint, checkpoint);
    }

    /// <summary>The storage and its schema, for people, such as <c>SQLite, schema 6</c>.</summary>
    string Storage => "unknown";

    /// <summary>
    /// Whether this process is notified of the appends of other processes. If not, it finds them by polling. Null if no
    /// other process appends.
    /// </summary>
    bool? IsListening => null;

    /// <summary>
    /// Moves a checkpoint forward. A position that is lower than the stored one, or of another epoch than the log's,
    /// changes nothing.
    /// </summary>
    Task SaveCheckpointAsync(int partition, long position, string epoch, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes some of the events that are outside the limits, at most a few hundred, so that appends do not wait long.
    /// It never removes an event after its partition's checkpoint.
    /// </summary>
    /// <returns>
    /// The number of removed events, and whether there may be more. The caller pauses before the next call.
    /// </returns>
    /// <exception cref="EventLogUnavailableException">No event was removed; retry later.</exception>
    Task<TrimResult> TrimAsync(RetentionLimits limits, CancellationToken cancellationToken = default);
}

/// <summary>The range of an order's events.</summary>
/// <param name="Version">The number of its last event.</param>
/// <param name="Earliest">
/// The number of its first event that is still kept; <paramref name="Version"/> + 1 if no event is kept.
/// </param>
public readonly record struct OrderHead(long Version, long Earliest);

/// <summary>The range of an organization's events.</summary>
/// <param name="Sequence">The number of its last event.</param>
/// <param name="Earliest">
/// The first number of the contiguous range that is kept; <paramref name="Sequence"/> + 1 if no event is kept.
/// </param>
public readonly record struct OrganizationHead(long Sequence, long Earliest);

/// <summary>An event and its place in a partition.</summary>
/// <param name="Position">The position, ascending within the partition.</param>
/// <param name="Event">The event.</param>
public readonly record struct PartitionEntry(long Position, OrderEvent Event);
