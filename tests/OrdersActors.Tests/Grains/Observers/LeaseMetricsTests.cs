using OrdersActors.Grains.Observers;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Observers;

public sealed class LeaseMetricsTests
{
    [Fact]
    public void Leases_are_counted_for_orders_and_organizations()
    {
        using var metrics = new MetricReader();
        Assert.True(LeaseMetrics.IsCollected);
        var orders = metrics["orders_actors.leases{feed=order}"];
        var organizations = metrics["orders_actors.leases{feed=organization}"];
        LeaseMetrics.Add(new FeedKey("shop", "o"), 2);
        LeaseMetrics.Add(new FeedKey("shop", null), 1);
        LeaseMetrics.Add(new FeedKey("shop", "o"), -1);
        Assert.Equal(orders + 1, metrics["orders_actors.leases{feed=order}"]);
        Assert.Equal(organizations + 1, metrics["orders_actors.leases{feed=organization}"]);
        LeaseMetrics.Add(new FeedKey("shop", "o"), -1);
        LeaseMetrics.Add(new FeedKey("shop", null), -1);
    }
}
