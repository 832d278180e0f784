using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Abstractions;

public sealed class EventCountsTests
{
    [Fact]
    public void Events_are_counted_by_the_hop_that_passed_them_on()
    {
        using var metrics = new MetricReader();
        var before = Enum.GetValues<EventHop>().ToDictionary(hop => hop, EventCounts.Delivered);
        var appended = EventCounts.Appended;
        EventCounts.CountDelivered(EventHop.Order, 3);
        EventCounts.CountDelivered(EventHop.Connection, 4);
        EventCounts.CountAppended(5);
        Assert.True(EventCounts.Delivered(EventHop.Order) >= before[EventHop.Order] + 3);
        Assert.True(EventCounts.Delivered(EventHop.Connection) >= before[EventHop.Connection] + 4);
        Assert.True(metrics["orders_actors.events_appended"] >= appended + 5);
        Assert.Equal(
            ["connection", "feed", "order", "organization"],
            metrics.Names.Where(name => name.StartsWith("orders_actors.events_delivered", StringComparison.Ordinal))
                .Select(name => name.Split('=')[1].TrimEnd('}')).Order());
    }
}
