namespace OrdersActors.Server.Board;

/// <summary>The progress of one demo order. Thread-safe; see <see cref="DemoOrders"/>.</summary>
internal sealed class DemoOrder(string id)
{
    private readonly Lock _gate = new();
    private int _step;
    private OrderStatusEvent? _begun;

    public string Id => id;

    /// <summary>
    /// Returns the event to publish: the one that was begun and not completed, or else the next one; null after the
    /// last.
    /// </summary>
    public OrderStatusEvent? Begin(DateTimeOffset now)
    {
        lock (_gate)
        {
            return _begun ??= DemoStory.Tell(id, _step, now);
        }
    }

    /// <summary>Moves to the next step after the event is committed. A repeated call changes nothing.</summary>
    public void Complete(OrderStatusEvent committed)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_begun, committed))
            {
                _step++;
                _begun = null;
            }
        }
    }
}
