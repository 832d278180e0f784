namespace OrdersActors.Storage.PostgreSql;

/// <summary>An append that waits for its partition's writer, and its answer.</summary>
internal sealed class PostgresAppend(string organizationId, IReadOnlyList<OrderStatusEvent> events)
{
    private readonly TaskCompletionSource<IReadOnlyList<OrderEvent>> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly OrderEvent?[] _stored = new OrderEvent?[events.Count];
    private Dictionary<int, int>? _repeats;
    private int _isDecided;

    public Task<IReadOnlyList<OrderEvent>> Answer => _answer.Task;

    public string OrganizationId => organizationId;

    public IReadOnlyList<OrderStatusEvent> Events => events;

    /// <summary>Whether it was rejected.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>
    /// Takes the append when its turn has come. Returns false if its caller has given up; then it must not be sent.
    /// </summary>
    public bool TryTake() => Decide();

    /// <summary>
    /// Gives the append up, because its caller stops waiting. Returns false if its turn has come; then an answer
    /// follows.
    /// </summary>
    public bool TryGiveUp() => Decide();

    /// <summary>
    /// Whether an event must still be stored. False if it was found in the log or repeats an earlier event of this
    /// append.
    /// </summary>
    public bool Needs(int index) => _stored[index] is null && _repeats?.ContainsKey(index) != true;

    /// <summary>Records that an event has the same id as an earlier event of the same append.</summary>
    public void Repeats(int index, int first) => (_repeats ??= [])[index] = first;

    /// <summary>Records the stored form of an event, whether it was stored now or earlier.</summary>
    public void Stored(int index, OrderEvent e) => _stored[index] = e;

    /// <summary>Answers the caller after all events are stored.</summary>
    public void Committed()
    {
        foreach (var (index, first) in _repeats ?? [])
        {
            _stored[index] = _stored[first];
        }

        _answer.TrySetResult(_stored!);
    }

    /// <summary>Answers the caller after the append was rejected: none of its events will be stored.</summary>
    public void Refused(Exception exception)
    {
        IsRefused = true;
        _answer.TrySetException(exception);
    }

    /// <summary>Answers the caller after a failure: it is unknown whether the events are stored.</summary>
    public void Failed(Exception exception) => _answer.TrySetException(exception);

    private bool Decide() => Interlocked.Exchange(ref _isDecided, 1) == 0;
}
