using OrdersActors.Checker.Judging;
using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Clients;

/// <summary>The subscriptions of a client, in this order; null is the whole organization.</summary>
internal sealed record ClientPlan(string Name, Shop Shop, bool Resumes, IReadOnlyList<int?> Scopes)
{
    public bool WholeOrganization => Scopes.Contains(null);

    public ClientRecord NewRecord() => new()
    {
        Name = Name,
        Shop = Shop.Index,
        Resumes = Resumes,
        WholeOrganization = WholeOrganization,
        Orders = [.. Scopes.OfType<int>()],
    };

    /// <summary>Plans clients of all kinds, for all organizations in turn.</summary>
    public static IEnumerable<ClientPlan> For(Map map, int count, Random random)
    {
        for (var i = 0; i < count; i++)
        {
            var shop = map.Shops[i % map.Shops.Count];
            var orders = map.OrdersOf(shop).ToArray();
            random.Shuffle(orders);
            int?[] one = [orders[0]];
            int?[] several = [.. orders.Take(random.Next(2, 9))];
            var (kind, resumes, scopes) = (i / map.Shops.Count % 7) switch
            {
                0 => ("one order", true, one),
                1 => ("several orders", true, several),
                2 => ("organization", true, [null]),
                3 => ("organization, then orders", true, [null, .. several]),
                4 => ("orders, then organization", true, [.. several, null]),
                5 => ("live order", false, one),
                _ => ("live organization", false, new int?[] { null }),
            };
            yield return new ClientPlan($"client {i} ({kind}) of {shop.Id}", shop, resumes, scopes);
        }
    }
}
