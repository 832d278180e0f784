using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

/// <summary>One connection that resumes repeatedly while events arrive; and losses on the last hop.</summary>
public sealed class ResumedSubscriptionsTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private static readonly string[] Watched = ["0", "1"];
    private readonly string _shop = OrderCluster.NewOrganization();

    [Fact]
    public async Task Organization_resumed_repeatedly_beside_its_orders_delivers_each_event_once()
    {
        await using var client = new InProcessClient(cluster);
        await PublishAsync(20);
        await client.SubscribeAsync(Feed("0"), after: 0);
        await client.SubscribeAsync(Feed("1"), after: 0);
        var publishing = PublishAsync(2000);
        var random = new Random(1);
        do
        {
            // Resumes like a client that keeps the sequence of its last organization event.
            await client.SubscribeAsync(Feed(null), client.Events.Max(e => e.Sequence) ?? 0);
            await Task.Delay(random.Next(30), TestContext.Current.CancellationToken);
            await client.UnsubscribeAsync(Feed(null));
        }
        while (!publishing.IsCompleted);

        await publishing;
        await client.SubscribeAsync(Feed(null), client.Events.Max(e => e.Sequence) ?? 0);
        await Eventually.Holds(
            () => client.Events.Count >= 2020,
            () => $"2020 events were published, {client.Events.Count} were received");
        foreach (var order in client.Events.GroupBy(e => e.Order))
        {
            Assert.Equal(Numbers(1, order.Count()), order.Select(e => e.Version));
        }

        Assert.Equal(2020, client.Events.Count);
    }

    [Fact]
    public async Task Orders_resumed_repeatedly_do_not_change_the_organizations_sequence()
    {
        await using var client = new InProcessClient(cluster);
        await PublishAsync(20);
        await client.SubscribeAsync(Feed(null), after: 0);
        var publishing = PublishAsync(2000);
        var random = new Random(2);
        do
        {
            var order = Feed($"{random.Next(4)}");
            await client.SubscribeAsync(order, after: random.Next(3));
            await Task.Delay(random.Next(20), TestContext.Current.CancellationToken);
            client.Unsubscribe(order);
        }
        while (!publishing.IsCompleted);

        await publishing;
        await Eventually.Equal(Numbers(1, 2020), () => client.Events.Select(e => e.Sequence ?? 0));
    }

    [Fact]
    public async Task No_event_is_repeated_when_subscriptions_end_during_their_replay()
    {
        await PublishAsync(3000);
        for (var seed = 0; seed < 20; seed++)
        {
            await using var client = new InProcessClient(cluster, maxQueuedBytes: 256 * 1024);
            var random = new Random(seed);
            await client.SubscribeAsync(Feed("0"), after: 0);
            await client.SubscribeAsync(Feed("1"), after: random.Next(700));
            await client.SubscribeAsync(Feed(null), after: random.Next(3000));
            await Task.Delay(random.Next(10), TestContext.Current.CancellationToken);
            client.Unsubscribe(Feed(random.Next(2) == 0 ? "0" : "1"));
            await Task.Delay(random.Next(10), TestContext.Current.CancellationToken);
            client.Unsubscribe(Feed(null));
            await client.SubscribeAsync(Feed("2"), after: 0);
            var head = await cluster.Log.GetOrderHeadAsync(_shop, Order("2"), TestContext.Current.CancellationToken);
            await Eventually.Holds(
                () => client.Events.Any(e => e.Order == Order("2") && e.Version == head!.Value.Version),
                () => "order 2 was not received");
            Assert.Null(client.Closed);
            var twice = client.Events.GroupBy(e => (e.Order, e.Version)).FirstOrDefault(g => g.Count() > 1);
            Assert.True(
                twice is null || twice.Key.Order == Order("2"),
                $"seed {seed}: {twice?.Key} was received {twice?.Count()} times");
        }
    }

    [Theory]
    [InlineData(HopFault.Drop)]
    [InlineData(HopFault.Duplicate)]
    [InlineData(HopFault.Swap)]
    public async Task Faults_between_a_feed_and_a_connection_are_recovered(HopFault fault)
    {
        var hop = new FaultyDelivery(fault, every: 7);
        await using var client = new InProcessClient(cluster, hop);
        await PublishAsync(20);
        await client.SubscribeAsync(Feed("0"), after: 0);
        await client.SubscribeAsync(Feed("1"), after: 0);
        await using var whole = new InProcessClient(cluster, hop);
        await whole.SubscribeAsync(Feed(null), after: 0);
        await PublishAsync(500);

        // If the last event is lost, only the renewal of the lease reveals it.
        await Eventually.Holds(
            () => whole.Hub.Current.Find(Feed(null))!.Last == 520,
            () => "the organization's feed did not receive all events");
        await Eventually.Holds(
            () => client.Hub.Current.Feeds.Sum(feed => feed.Last) == Heads().Sum(),
            () => "the orders' feeds did not receive all events");
        Assert.True(hop.Faults > 10, $"{hop.Faults} faults");
        await client.RenewAsync();
        await whole.RenewAsync();
        await Eventually.Equal(Numbers(1, 520), () => whole.Events.Select(e => e.Sequence ?? 0));
        foreach (var (order, head) in Watched.Zip(Heads()))
        {
            await Eventually.Equal(
                Numbers(1, head), () => client.Events.Where(e => e.Order == Order(order)).Select(e => e.Version));
        }
    }

    private long[] Heads() =>
        [.. Watched.Select(
            order => cluster.Log.GetOrderHeadAsync(_shop, Order(order)).GetAwaiter().GetResult()!.Value.Version)];

    private async Task PublishAsync(int count)
    {
        var random = new Random(3);
        for (var i = 0; i < count; i += 5)
        {
            // Each batch contains events of every order that the tests use.
            await cluster.Log.AppendAsync(
                _shop,
                [.. Enumerable.Range(0, 5).Select(
                    n => new OrderStatusEvent { OrderId = Order($"{(n < 3 ? n : random.Next(4))}"), Status = "s" })],
                TestContext.Current.CancellationToken);
        }
    }

    private string Order(string name) => $"{_shop}/{name}";

    private FeedKey Feed(string? order) => new(_shop, order is null ? null : Order(order));
}
