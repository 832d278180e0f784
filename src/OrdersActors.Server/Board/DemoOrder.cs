namespace OrdersActors.Server.Board;

/// <summary>How far one demo order is. Safe to use from several requests at a time; see <see cref="DemoOrders"/>.</summary>
internal sealed class DemoOrder(string id)
{
    private readonly Lock _gate = new();
    private int _step;
    private OrderStatusEvent? _begun;

    public string Id => id;

    /// <summary>The event to publish now: one that was begun and never completed, or else the next; null after the last.</summary>
    public OrderStatusEvent? Begin(DateTimeOffset now)
    {
        lock (_gate)
        {
            return _begun ??= DemoStory.Tell(id, _step, now);
        }
    }

    /// <summary>Counts the step of an event that is committed. Completing it again changes nothing.</summary>
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
