namespace OrdersActors.Storage.EventLog;

/// <summary>
/// A valid append that waits for its writer. It knows which of its events the writer must store: not those that repeat
/// an earlier event of the append, and not those that the log already has.
/// </summary>
/// <remarks>
/// Everything except <see cref="PendingWrite{T}.Answer"/> and the two decisions belongs to the writer that took the
/// append. The queue and the answer order these accesses, so the fields need no fence.
/// </remarks>
internal sealed class PendingAppend : PendingWrite<AppendedEvents>
{
    private readonly OrderEvent?[] _stored;
    private readonly IReadOnlyDictionary<int, int> _repeats;

    private readonly List<PartitionEntry> _newEntries = [];

    // For each event, whether the log already had it. Null as long as none is known to be a repeat.
    private bool[]? _isRepeat;

    private readonly EventOrigin _origin;

    private PendingAppend(
        string organizationId,
        int partition,
        IReadOnlyList<OrderStatusEvent> events,
        IReadOnlyDictionary<int, int> repeats,
        EventOrigin origin)
    {
        _origin = origin;
        OrganizationId = organizationId;
        Partition = partition;
        Events = events;
        _repeats = repeats;
        _stored = new OrderEvent?[events.Count];
    }

    public string OrganizationId { get; }

    public int Partition { get; }

    /// <summary>The events in their normal form.</summary>
    public IReadOnlyList<OrderStatusEvent> Events { get; }

    /// <summary>Whether it was rejected: none of its events will be stored.</summary>
    public bool IsRejected { get; private set; }

    /// <summary>Checks an append. This is the log's only check of the events; the writers trust the result.</summary>
    /// <exception cref="InvalidOrderEventException">An event or the size of the batch is not allowed.</exception>
    /// <exception cref="EventConflictException">Two events have the same id but different content.</exception>
    /// <exception cref="OperationCanceledException">The caller has already cancelled.</exception>
    public static PendingAppend Create(
        string organizationId,
        int partitionCount,
        IReadOnlyList<OrderStatusEvent> events,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        var trace = EventTrace.OfCaller();
        var origin = new EventOrigin(EventStages.Now(trace), trace);
        var normal = OrderEventRules.NormalizeBatch(organizationId, events);
        var repeats = EventContent.FindRepeats(normal);
        cancellationToken.ThrowIfCancellationRequested();
        return new PendingAppend(
            organizationId, OrganizationPartition.Of(organizationId, partitionCount), normal, repeats, origin);
    }

    /// <summary>Whether the writer must still store an event.</summary>
    public bool Needs(int index) => _stored[index] is null && !_repeats.ContainsKey(index);

    /// <summary>
    /// The new events and their positions, in order. Complete when the writer has committed the append.
    /// </summary>
    public IReadOnlyList<PartitionEntry> NewEntries => _newEntries;

    /// <summary>Records the stored form of a new event.</summary>
    public void SetStored(int index, OrderEvent stored)
    {
        stored.Origin = _origin;
        _stored[index] = stored;
    }

    /// <summary>Records the stored form of a new event, and its position in the partition.</summary>
    public void SetStored(int index, OrderEvent stored, long position)
    {
        SetStored(index, stored);
        _newEntries.Add(new PartitionEntry(position, stored));
    }

    /// <summary>Records that the log already has an event under the id of an event of this append.</summary>
    /// <exception cref="EventConflictException">The events differ.</exception>
    public void SetKnown(int index, OrderEvent stored)
    {
        EventContent.CheckSame(Events[index], index, stored);
        _stored[index] = stored;
        SetRepeat(index);
    }

    /// <summary>Records that all events are committed. Called before a reader can get them.</summary>
    public void SetCommitted() => _origin.Trace?.Committed(_origin.ArrivedAt, Partition, Events.Count);

    /// <summary>
    /// Answers the caller after all events are committed, and counts the new ones and the duplicates.
    /// </summary>
    public void Complete()
    {
        EventStages.Record(EventStage.Commit, _origin.ArrivedAt, EventStages.Now());
        foreach (var (index, first) in _repeats)
        {
            _stored[index] = _stored[first];
            SetRepeat(index);
        }

        var repeats = 0;
        if (_isRepeat is not null)
        {
            repeats = _isRepeat.Count(isRepeat => isRepeat);
            OrderMetrics.CountDuplicate("log", repeats);
        }

        EventCounts.CountAppended(_stored.Length - repeats);
        Complete(new AppendedEvents(_stored!, _isRepeat));
    }

    /// <summary>Answers the caller after the append was rejected.</summary>
    public void Reject(Exception exception)
    {
        IsRejected = true;
        Fail(exception);
    }

    private void SetRepeat(int index) => (_isRepeat ??= new bool[_stored.Length])[index] = true;
}
