namespace OrdersActors.Storage.PostgreSql;

/// <summary>An append that waits for its partition's writer, and its answer.</summary>
internal sealed class PostgresAppend(
    string organizationId, IReadOnlyList<OrderStatusEvent> events, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<IReadOnlyList<OrderEvent>> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly OrderEvent?[] _stored = new OrderEvent?[events.Count];
    private Dictionary<int, int>? _repeats;

    public Task<IReadOnlyList<OrderEvent>> Answer => _answer.Task;

    public string OrganizationId => organizationId;

    public IReadOnlyList<OrderStatusEvent> Events => events;

    /// <summary>Whether its caller gave up before its turn came.</summary>
    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    /// <summary>Whether it was refused.</summary>
    public bool IsRefused { get; private set; }

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
    public void Refused(OrderOwnershipException exception)
    {
        IsRefused = true;
        _answer.TrySetException(exception);
    }

    /// <summary>Nothing of it is known to be stored.</summary>
    public void Failed(Exception exception) => _answer.TrySetException(exception);
}
