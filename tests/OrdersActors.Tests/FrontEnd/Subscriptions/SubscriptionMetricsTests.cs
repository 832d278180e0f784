using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

public sealed class SubscriptionMetricsTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    [Fact]
    public async Task Subscriptions_and_replays_are_counted_and_end_with_their_connection()
    {
        var shop = OrderCluster.NewOrganization();
        await cluster.AppendAsync(shop, "o");
        await cluster.AppendAsync(shop, "o", "paid");
        using var metrics = new MetricReader();
        var before = SubscriptionMetrics.Count;
        await using (var client = new InProcessClient(cluster))
        {
            await client.SubscribeAsync(new FeedKey(shop, "o"), after: 0);
            await client.SubscribeAsync(new FeedKey(shop, null));
            await Eventually.Holds(() => client.Events.Count == 2, () => $"{client.Events.Count} events");
            Assert.Equal(before + 2, SubscriptionMetrics.Count);
            Assert.True(metrics["orders_actors.subscriptions{scope=order}"] >= 1);
            Assert.True(metrics["orders_actors.subscriptions{scope=organization}"] >= 1);
            Assert.True(metrics["orders_actors.replay_pages"] >= 1);
            Assert.True(metrics["orders_actors.replay_events"] >= 2);
            client.Unsubscribe(new FeedKey(shop, null));
            Assert.Equal(before + 1, SubscriptionMetrics.Count);
        }

        Assert.Equal(before, SubscriptionMetrics.Count);
        await Eventually.Holds(() => metrics["orders_actors.replays_running"] == 0, () => "a replay runs");
    }

    [Fact]
    public void Every_error_of_a_subscribe_exists_with_zero()
    {
        using var metrics = new MetricReader();
        SubscriptionMetrics.CountZeros();
        Assert.All(
            new[]
            {
                ProtocolError.AccessDenied, ProtocolError.RateLimited, ProtocolError.TooManySubscriptions,
                ProtocolError.InvalidMessage, ProtocolError.Unavailable,
            },
            error => Assert.Equal(0, metrics[$"orders_actors.subscribes{{outcome={error.Code}}}"]));
        Assert.Equal(0, metrics["orders_actors.resumes{outcome=incomplete}"]);
    }
}
