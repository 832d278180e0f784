namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// A connection's subscriptions to single orders, by order id. Most connections have only one, which is held without a
/// dictionary. Guarded by the lock of <see cref="ConnectionSubscriptions"/>.
/// </summary>
internal sealed class OrderSubscriptions
{
    private Subscription? _only;
    private Dictionary<string, Subscription>? _several;

    public int Count => _several?.Count ?? (_only is null ? 0 : 1);

    public IReadOnlyCollection<Subscription> All =>
        _several is not null ? _several.Values : _only is not null ? [_only] : [];

    /// <summary>Returns the subscription to an order, or null.</summary>
    public Subscription? Find(string orderId) =>
        _several is not null ? _several.GetValueOrDefault(orderId)
        : _only?.Key.OrderId == orderId ? _only
        : null;

    /// <summary>Adds a subscription, or replaces the one to the same order.</summary>
    public void Set(Subscription subscription)
    {
        var orderId = subscription.Key.OrderId!;
        if (_several is null && (_only is null || _only.Key.OrderId == orderId))
        {
            _only = subscription;
            return;
        }

        _several ??= new() { [_only!.Key.OrderId!] = _only };
        _several[orderId] = subscription;
        _only = null;
    }

    /// <summary>Removes the subscription to an order. Returns it, or null.</summary>
    public Subscription? Remove(string orderId)
    {
        if (_several is not null)
        {
            return _several.Remove(orderId, out var removed) ? removed : null;
        }

        var found = Find(orderId);
        _only = found is null ? _only : null;
        return found;
    }
}
