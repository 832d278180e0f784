using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Grains;
using OrdersActors.Grains.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Feeds;

/// <summary>Orders without subscribers cost nothing, and orders with subscribers miss nothing.</summary>
public sealed class WatchedOrdersClusterTests(WatchedOrdersClusterTests.ShortLeases cluster)
    : IClassFixture<WatchedOrdersClusterTests.ShortLeases>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    /// <summary>
    /// A cluster with short leases, whose organizations soon learn which orders are watched. It counts the deliveries
    /// to orders.
    /// </summary>
    public sealed class ShortLeases : OrderCluster, IOutgoingGrainCallFilter
    {
        public static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);
        private int _delivered;

        public int Delivered => Volatile.Read(ref _delivered);

        public Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.Request.GetInterfaceType() == typeof(IOrderDelivery))
            {
                Interlocked.Increment(ref _delivered);
            }

            return context.Invoke();
        }

        protected override void Configure(ISiloBuilder silo)
        {
            silo.Services.AddSingleton<IOutgoingGrainCallFilter>(this);
            silo.Services.Configure<OrderGrainOptions>(options => options.ObserverLease = Lease);
        }
    }

    [Fact]
    public async Task Organization_delivers_to_watched_orders_only_and_they_miss_nothing()
    {
        await using var shop = new InProcessClient(cluster);
        await shop.SubscribeAsync(new FeedKey(_shop, null));
        await PublishAsync("unwatched", 1, shop);
        await Task.Delay(ShortLeases.Lease, TestContext.Current.CancellationToken);
        var delivered = cluster.Delivered;
        await PublishAsync("unwatched", 2, shop);
        Assert.Equal(delivered, cluster.Delivered);

        await using var shopper = new InProcessClient(cluster);
        await shopper.SubscribeAsync(Order("unwatched"));
        await PublishAsync("unwatched", 3, shop);
        await Eventually.Equal([3L], () => shopper.Events.Select(e => e.Version));

        // A client that subscribes during publishing receives every event after the confirmed position.
        for (var i = 0; i < 30; i++)
        {
            await cluster.AppendAsync(_shop, $"{_shop}/{i}");
            var publishing = PublishAllAsync($"{_shop}/{i}");
            var observer = new RecordingObserver();
            var reference = cluster.Grains.CreateObjectReference<IOrderEventObserver>(observer);
            var answer = await cluster.Grains.GetGrain<IOrderGrain>(Order($"{i}").GrainKey).Subscribe(_shop, reference);
            await publishing;
            await Eventually.Equal(
                Enumerable.Range((int)answer.Head + 1, 11 - (int)answer.Head).Select(n => (long)n),
                () => observer.NumbersOf(Order($"{i}")).Distinct());
        }
    }

    private FeedKey Order(string name) => new(_shop, $"{_shop}/{name}");

    private async Task PublishAllAsync(string order)
    {
        for (var i = 0; i < 10; i++)
        {
            await cluster.AppendAsync(_shop, order);
        }
    }

    private async Task PublishAsync(string order, int count, InProcessClient shop)
    {
        // In this cluster only the test renews leases.
        await shop.RenewAsync();
        await cluster.AppendAsync(_shop, $"{_shop}/{order}");
        await Eventually.Holds(() => shop.Events.Count == count, () => $"the shop received {shop.Events.Count} events");
    }
}
