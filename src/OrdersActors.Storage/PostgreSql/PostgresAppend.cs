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

    /// <summary>Whether it was refused.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Its turn has come. False where its caller gave up before; then it is not to be sent.</summary>
    public bool TryTake() => Decide();

    /// <summary>Its caller waits no longer. False where its turn has come before; then there will be an answer.</summary>
    public bool TryGiveUp() => Decide();

    /// <summary>Whether an event still is to be stored: neither found in the log nor a repetition of one before it.</summary>
    public bool Needs(int index) => _stored[index] is null && _repeats?.ContainsKey(index) != true;

    /// <summary>An event has the id of an earlier one of the same append.</summary>
    public void Repeats(int index, int first) => (_repeats ??= [])[index] = first;

    /// <summary>An event as it is stored, now or since long.</summary>
    public void Stored(int index, OrderEvent e) => _stored[index] = e;

    /// <summary>All of it is stored.</summary>
    public void Committed()
    {
        foreach (var (index, first) in _repeats ?? [])
        {
            _stored[index] = _stored[first];
        }

        _answer.TrySetResult(_stored!);
    }

    /// <summary>Nothing of it will be stored.</summary>
    public void Refused(Exception exception)
    {
        IsRefused = true;
        _answer.TrySetException(exception);
    }

    /// <summary>Nothing of it is known to be stored.</summary>
    public void Failed(Exception exception) => _answer.TrySetException(exception);

    private bool Decide() => Interlocked.Exchange(ref _isDecided, 1) == 0;
}
