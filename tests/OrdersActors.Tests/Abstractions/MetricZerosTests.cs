using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Abstractions;

public sealed class MetricZerosTests
{
    private static int _counted;

    [Fact]
    public void Part_that_is_registered_twice_counts_once()
    {
        MetricZeros.Register(Count);
        MetricZeros.Register(Count);
        _counted = 0;
        MetricZeros.CountAll();
        Assert.Equal(1, _counted);
    }

    [Fact]
    public void Counters_along_the_path_exist_with_zero_for_each_hop()
    {
        using var metrics = new MetricReader();
        OrderMetrics.CountZeros();
        Assert.Superset(
            new HashSet<string>
            {
                "orders_actors.duplicates_dropped{hop=log}", "orders_actors.duplicates_dropped{hop=connection}",
                "orders_actors.holes_healed{hop=organization}", "orders_actors.holes_healed{hop=feed}",
                "orders_actors.events_trimmed",
            },
            metrics.Names.ToHashSet());
    }

    private static void Count() => _counted++;
}
