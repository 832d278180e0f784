using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

public sealed class OrderSubscriptionsTests
{
    private readonly OrderSubscriptions _orders = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Each_subscription_is_found_by_its_order_until_it_is_removed(int count)
    {
        var all = Enumerable.Range(0, count).Select(i => Subscribe($"o{i}")).ToArray();
        Assert.Equal(count, _orders.Count);
        Assert.Equal(all.ToHashSet(), _orders.All.ToHashSet());
        Assert.Null(_orders.Find("other"));
        Assert.Null(_orders.Remove("other"));
        for (var i = 0; i < count; i++)
        {
            Assert.Same(all[i], _orders.Find($"o{i}"));
            Assert.Same(all[i], _orders.Remove($"o{i}"));
            Assert.Null(_orders.Find($"o{i}"));
            Assert.Equal(count - i - 1, _orders.Count);
        }

        Assert.Empty(_orders.All);
        Assert.Same(Subscribe("again"), _orders.Find("again"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Subscription_replaces_the_one_to_the_same_order(int others)
    {
        Subscribe("o");
        for (var i = 0; i < others; i++)
        {
            Subscribe($"other{i}");
        }

        var replacing = Subscribe("o");
        Assert.Same(replacing, _orders.Find("o"));
        Assert.Equal(1 + others, _orders.Count);
        Assert.Equal(1 + others, _orders.All.Count);
    }

    private Subscription Subscribe(string orderId)
    {
        var subscription = new Subscription(new FeedKey("shop", orderId), after: null, []);
        _orders.Set(subscription);
        return subscription;
    }
}
