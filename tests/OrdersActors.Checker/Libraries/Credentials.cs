using OrdersActors.Checker.World;
using OrdersActors.TestServer;

namespace OrdersActors.Checker.Libraries;

/// <summary>Makes what a backend makes for its applications.</summary>
internal static class Credentials
{
    /// <summary>
    /// The server says that a token expires 60 s before it does. So a connection that lives renews it about every 40 s.
    /// </summary>
    public static readonly TimeSpan TokenLifetime = TimeSpan.FromSeconds(100);

    /// <summary>A token for the orders of a client, or for its organization.</summary>
    public static string TokenFor(LibraryPlan plan, Map map)
    {
        var expiresAt = DateTimeOffset.UtcNow + TokenLifetime;
        return plan.WholeOrganization
            ? TestToken.ForOrganization(plan.Shop.Secret, expiresAt)
            : TestToken.ForOrders(plan.Shop.Secret, OrdersOf(plan, map), expiresAt);
    }

    /// <summary>The ids of the orders that a client watches.</summary>
    public static string[] OrdersOf(LibraryPlan plan, Map map) =>
        [.. plan.Handlers.Select(handler => handler.Order).OfType<int>().Distinct().Select(map.IdOf)];
}
