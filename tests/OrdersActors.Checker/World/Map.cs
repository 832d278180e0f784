namespace OrdersActors.Checker.World;

/// <summary>
/// All organizations and orders of a run. Orders are known by index, which keeps the records of what clients received
/// small: order i belongs to shop i modulo the number of shops.
/// </summary>
internal sealed class Map
{
    private readonly Dictionary<string, int> _orders;

    public Map(IReadOnlyList<Shop> shops, int orderCount)
    {
        Shops = shops;
        Orders = [.. Enumerable.Range(0, orderCount).Select(order => $"order-{order}")];
        _orders = Orders.Index().ToDictionary(order => order.Item, order => order.Index);
    }

    public IReadOnlyList<Shop> Shops { get; }

    /// <summary>The orders' ids, by index.</summary>
    public IReadOnlyList<string> Orders { get; }

    /// <summary>The order's index, or null where no such order exists.</summary>
    public int? Find(string orderId) => _orders.TryGetValue(orderId, out var order) ? order : null;

    public Shop ShopOf(int order) => Shops[order % Shops.Count];

    public IEnumerable<int> OrdersOf(Shop shop)
    {
        for (var order = shop.Index; order < Orders.Count; order += Shops.Count)
        {
            yield return order;
        }
    }
}
