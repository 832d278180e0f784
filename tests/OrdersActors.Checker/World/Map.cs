namespace OrdersActors.Checker.World;

/// <summary>
/// All organizations and orders of a run. Orders are known by index, which keeps the records of received events small:
/// order i belongs to shop i modulo the number of shops. All shops use the same order ids, because an order id is
/// unique only within its organization.
/// </summary>
internal sealed class Map
{
    private readonly Dictionary<(string Shop, string Id), int> _orders;

    public Map(IReadOnlyList<Shop> shops, int orderCount)
    {
        Shops = shops;
        Orders = [.. Enumerable.Range(0, shops.Count == 0 ? 0 : orderCount)
            .Select(order => $"{ShopOf(order).Id}/{IdOf(order)}")];
        _orders = Orders.Select((_, order) => order).ToDictionary(order => (ShopOf(order).Id, IdOf(order)));
    }

    public IReadOnlyList<Shop> Shops { get; }

    /// <summary>Readable names of the orders, by index: shop and id.</summary>
    public IReadOnlyList<string> Orders { get; }

    /// <summary>The id of an order within its organization.</summary>
    public string IdOf(int order) => $"order-{order / Shops.Count}";

    /// <summary>The index of an organization's order; null if there is no such order.</summary>
    public int? Find(string organizationId, string orderId) =>
        _orders.TryGetValue((organizationId, orderId), out var order) ? order : null;

    public Shop ShopOf(int order) => Shops[order % Shops.Count];

    public IEnumerable<int> OrdersOf(Shop shop)
    {
        for (var order = shop.Index; order < Orders.Count; order += Shops.Count)
        {
            yield return order;
        }
    }
}
