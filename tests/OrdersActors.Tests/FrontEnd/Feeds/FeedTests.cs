using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class FeedTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    [Fact]
    public async Task Subscriptions_that_leave_in_any_order_do_not_affect_others()
    {
        var order = new FeedKey(_shop, $"{_shop}/1");
        await cluster.AppendAsync(_shop, order.OrderId!);
        var delivered = new List<Subscription>();
        await using var client = new InProcessClient(cluster, (subscription, _) => delivered.Add(subscription));
        await client.SubscribeAsync(order);
        var feed = client.Hub.Find(order)!;
        var random = new Random(1);
        var joined = new List<Subscription>();
        for (var number = 2; number < 200; number++)
        {
            if (joined.Count < 5 || random.Next(3) > 0)
            {
                var subscription = new Subscription(order, client.Subscriptions, null, []);
                Assert.Equal(FeedJoin.Joined, await feed.JoinAsync(subscription));
                joined.Add(subscription);
            }
            else
            {
                var leaving = joined[random.Next(joined.Count)];
                joined.Remove(leaving);
                feed.Leave(leaving);
                feed.Leave(leaving);
                Assert.Equal(-1, leaving.Slot);
            }

            delivered.Clear();
            feed.OnEvents([new EncodedOrderEvent(order.OrderId!, number, number, "{}"u8.ToArray())]);
            Assert.Equal(joined.Count + 1, delivered.Count);
            Assert.Equal(joined.ToHashSet(), delivered.Where(joined.Contains).ToHashSet());
            Assert.Equal(0, feed.IdleSince);
        }

        joined.ForEach(feed.Leave);
        Assert.Equal(0, feed.IdleSince);
        client.Unsubscribe(order);
    }
}
