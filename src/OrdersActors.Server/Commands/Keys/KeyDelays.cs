using OrdersActors.FrontEnd;
using OrdersActors.Grains.Authentication;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Keys;

/// <summary>How long the servers take to notice a change of a key, by the settings that the command sees.</summary>
internal static class KeyDelays
{
    /// <summary>
    /// Returns the seconds until every front end has closed the connections that a change ends: the lifetime of a
    /// cached lookup plus the interval of the checks.
    /// </summary>
    public static int ClosedWithin(IConfiguration configuration)
    {
        var checks = ServerStorage.Read(configuration, "OrdersActors:FrontEnd", new FrontEndOptions(), _ => { });
        return Seconds(CacheTime(configuration) + checks.KeyCheckInterval);
    }

    /// <summary>Returns the seconds until every silo knows the change: the lifetime of a cached lookup.</summary>
    public static int KnownWithin(IConfiguration configuration) => Seconds(CacheTime(configuration));

    private static TimeSpan CacheTime(IConfiguration configuration) => ServerStorage.Read(
        configuration, "OrdersActors:Authentication", new AuthenticationOptions(), _ => { }).KeyCacheTime;

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}
