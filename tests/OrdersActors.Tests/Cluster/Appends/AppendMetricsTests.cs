using OrdersActors.Cluster.Appends;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Cluster.Appends;

public sealed class AppendMetricsTests
{
    [Fact]
    public void Failures_are_refusals_unless_the_log_is_unavailable()
    {
        using var metrics = new MetricReader();
        Assert.True(AppendMetrics.AreCollected);
        var (refused, unavailable) = (Refused(), Unavailable());
        AppendMetrics.CountFailed(new InvalidOrderEventException("status", "is missing"));
        AppendMetrics.CountFailed(new EventLogUnavailableException("away"));
        AppendMetrics.CountFailed(new EventLogUnavailableException("away"));
        Assert.Equal(refused + 1, Refused());
        Assert.Equal(unavailable + 2, Unavailable());

        double? Refused() => metrics["orders_actors.appends{outcome=refused}"];
        double? Unavailable() => metrics["orders_actors.appends{outcome=unavailable}"];
    }
}
