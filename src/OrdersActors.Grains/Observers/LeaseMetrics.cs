using System.Diagnostics.Metrics;

namespace OrdersActors.Grains.Observers;

/// <summary>
/// The number of leases in the grains of this process, on the meter <see cref="OrderMetrics.MeterName"/>. Thread-safe.
/// </summary>
internal static class LeaseMetrics
{
    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly KeyValuePair<string, object?> OrderTag = new("feed", "order");
    private static readonly KeyValuePair<string, object?> OrganizationTag = new("feed", "organization");

    private static long _orders;
    private static long _organizations;

    private static readonly ObservableGauge<long> Leases = Meter.CreateObservableGauge(
        "orders_actors.leases",
        static () => new Measurement<long>[]
        {
            new(Volatile.Read(ref _orders), OrderTag), new(Volatile.Read(ref _organizations), OrganizationTag),
        },
        "{lease}",
        "Registrations of front ends with grains of this silo. The tag feed: order or organization. A lease that has "
        + "expired counts until the next event.");

    /// <summary>Adds leases, or removes them if the number is negative.</summary>
    public static void Add(FeedKey feed, int leases)
    {
        if (leases != 0)
        {
            Interlocked.Add(ref feed.IsOrganization ? ref _organizations : ref _orders, leases);
        }
    }

    /// <summary>Creates the instrument, so that a silo without leases reports 0.</summary>
    public static bool IsCollected => Leases.Enabled;
}
