using OrdersActors.Storage.EventLog;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class GroupMetricsTests
{
    [Fact]
    public void Transaction_without_events_is_not_recorded()
    {
        using var metrics = new MetricReader();
        GroupMetrics.Record(events: 0, GroupMetrics.Now());
        Assert.Null(metrics["orders_actors.group_commit_events"]);
        GroupMetrics.Record(events: 3, GroupMetrics.Now());
        GroupMetrics.Record(events: 4, GroupMetrics.Now());
        Assert.Equal(7, metrics["orders_actors.group_commit_events"]);
        Assert.True(metrics["orders_actors.group_commit_duration"] >= 0);
    }

    [Fact]
    public void Transaction_that_began_while_nobody_collected_is_not_recorded()
    {
        var began = GroupMetrics.Now();
        Assert.Equal(0, began);
        using var metrics = new MetricReader();
        GroupMetrics.Record(events: 3, began);
        Assert.Null(metrics["orders_actors.group_commit_events"]);
    }
}
