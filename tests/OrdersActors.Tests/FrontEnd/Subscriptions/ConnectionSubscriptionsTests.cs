using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

/// <summary>
/// The subscriptions of one connection with real grains and a real log. Events arrive all the time, subscriptions come
/// and go, and repeats and gaps are injected between grain and front end.
/// </summary>
public sealed class ConnectionSubscriptionsTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private static readonly string[] Orders = ["0", "1"];
    private readonly string _shop = OrderCluster.NewOrganization();

    [Fact]
    public async Task Order_is_delivered_completely_while_its_organization_is_subscribed_and_unsubscribed()
    {
        await using var client = new InProcessClient(cluster);
        await PublishAsync(1, 5);
        await client.SubscribeAsync(Feed("0"));
        await client.SubscribeAsync(Feed("1"));
        List<long> heads = [await HeadAsync("0"), await HeadAsync("1")];

        await DisturbedAsync(client, async random =>
        {
            await client.SubscribeAsync(Feed(null));
            await Task.Delay(random.Next(30), TestContext.Current.CancellationToken);
            client.Unsubscribe(Feed(null));
        });

        foreach (var (order, head) in Orders.Zip(heads))
        {
            var last = await HeadAsync(order);
            await Eventually.Equal(
                Numbers(head + 1, last),
                () => client.Events.Where(e => e.Order == Order(order)).Select(e => e.Version));
        }
    }

    [Fact]
    public async Task Organization_is_delivered_completely_while_its_orders_are_subscribed_and_unsubscribed()
    {
        await using var client = new InProcessClient(cluster);
        await PublishAsync(1, 5);
        await client.SubscribeAsync(Feed(null));

        await DisturbedAsync(client, async random =>
        {
            var order = Feed($"{random.Next(4)}");
            await client.SubscribeAsync(order);
            await Task.Delay(random.Next(30), TestContext.Current.CancellationToken);
            client.Unsubscribe(order);
        });

        var last = (await cluster.Log.GetOrganizationHeadAsync(_shop, TestContext.Current.CancellationToken)).Sequence;
        await Eventually.Holds(
            () => client.Events.Count == last - 5,
            () => $"{last - 5} events were published, {client.Events.Count} were received");
        Assert.Equal(Numbers(6, last), client.Events.Select(e => e.Sequence!.Value));
        AssertVersionsRise(client);
    }

    [Fact]
    public async Task No_event_is_repeated_and_versions_rise_for_any_subscriptions()
    {
        await using var client = new InProcessClient(cluster);
        await PublishAsync(1, 5);
        await DisturbedAsync(client, async random =>
        {
            var feed = Feed(random.Next(3) == 0 ? null : $"{random.Next(4)}");
            if (random.Next(2) == 0)
            {
                await client.SubscribeAsync(feed);
            }
            else
            {
                client.Unsubscribe(feed);
            }

            await Task.Delay(random.Next(20), TestContext.Current.CancellationToken);
        });

        Assert.NotEmpty(client.Events);
        AssertVersionsRise(client);
    }

    private static void AssertVersionsRise(InProcessClient client)
    {
        foreach (var order in client.Events.GroupBy(e => e.Order))
        {
            var versions = order.Select(e => e.Version).ToArray();
            Assert.Equal(versions.Order().Distinct(), versions);
        }
    }

    /// <summary>Publishes 2,000 events. Meanwhile, repeatedly disturbs the feeds and runs the test's action.</summary>
    private async Task DisturbedAsync(InProcessClient client, Func<Random, Task> act)
    {
        var publishing = PublishAsync(2000, 1);
        var disturbing = Task.Run(async () =>
        {
            var random = new Random(1);
            while (!publishing.IsCompleted)
            {
                await DisturbAsync(client, random);
                await Task.Delay(random.Next(5), TestContext.Current.CancellationToken);
            }
        });
        var acting = new Random(2);
        while (!publishing.IsCompleted)
        {
            await act(acting);
        }

        await publishing;
        await disturbing;
    }

    /// <summary>Simulates a lossy, repeating hop: passes old events, or events after a gap, to a feed.</summary>
    private async Task DisturbAsync(InProcessClient client, Random random)
    {
        var key = Feed(random.Next(2) == 0 ? null : $"{random.Next(4)}");
        if (client.Hub.Current.Find(key) is not { } feed)
        {
            return;
        }

        var after = Math.Max(0, feed.Last - 3 + random.Next(8));
        var events = await cluster.Grains.GetGrain<IReplayGrain>(0).Read(key, after, 1 + random.Next(5));
        if (events.Length > 0)
        {
            feed.OnEvents(events);
        }
    }

    private async Task PublishAsync(int batches, int size)
    {
        var random = new Random(3);
        for (var i = 0; i < batches; i++)
        {
            // The first batch creates all four orders.
            var events = Enumerable.Range(0, size).Select(n => new OrderStatusEvent
            {
                OrderId = Order($"{(size > 1 ? n % 4 : random.Next(4))}"),
                Status = "s",
            });
            await cluster.Log.AppendAsync(_shop, [.. events], TestContext.Current.CancellationToken);
        }
    }

    private async Task<long> HeadAsync(string order) =>
        (await cluster.Log.GetOrderHeadAsync(
            _shop, Order(order), TestContext.Current.CancellationToken))!.Value.Version;

    private string Order(string name) => $"{_shop}/{name}";

    private FeedKey Feed(string? order) => new(_shop, order is null ? null : Order(order));
}
