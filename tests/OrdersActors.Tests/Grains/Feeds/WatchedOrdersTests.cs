using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Feeds;

namespace OrdersActors.Tests.Grains.Feeds;

public sealed class WatchedOrdersTests
{
    [Fact]
    public void Order_is_watched_for_one_lease_and_all_orders_are_watched_at_first()
    {
        var time = new FakeTimeProvider();
        var orders = new WatchedOrders(TimeSpan.FromSeconds(10), time);
        Assert.True(orders.Contains("1"));
        Assert.False(orders.Watch("1"));

        time.Advance(TimeSpan.FromSeconds(6));
        Assert.False(orders.Watch("2"));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((false, true), (orders.Contains("1"), orders.Contains("2")));
        Assert.False(orders.Watch("1"));
        Assert.True(orders.Watch("1"));

        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((true, false), (orders.Contains("1"), orders.Contains("2")));
    }
}
