using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Grains;
using OrdersActors.Grains.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains;

/// <summary>
/// An organization's grain does not wait for its orders, so a silo may die before it has delivered its events to them.
/// Front ends notice the silo's death and register again, long before a lease is renewed.
/// </summary>
public sealed class DeadSiloTests(DeadSiloTests.LongLeases cluster) : IClassFixture<DeadSiloTests.LongLeases>
{
    /// <summary>A cluster in which leases are renewed only after minutes, and orders can be made unreachable.</summary>
    public sealed class LongLeases : OrderCluster, IOutgoingGrainCallFilter
    {
        public ConcurrentQueue<string> Undelivered { get; } = [];

        public bool IsHeld { get; set; }

        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            if (IsHeld && context.Request.GetInterfaceType() == typeof(IOrderDelivery))
            {
                Undelivered.Enqueue(((EncodedOrderEvent[])context.Request.GetArgument(1)!)[0].OrderId);
                // Never completes, because the silo is killed before.
                await new TaskCompletionSource().Task;
            }

            await context.Invoke();
        }

        protected override void Configure(ISiloBuilder silo)
        {
            silo.Services.AddSingleton<IOutgoingGrainCallFilter>(this);
            silo.Services.Configure<OrderGrainOptions>(options => options.ObserverLease = TimeSpan.FromMinutes(10));
        }
    }

    [Fact]
    public async Task Orders_behind_when_a_silo_died_catch_up_long_before_their_leases_are_renewed()
    {
        await using var client = new InProcessClient(cluster);
        var options = Options.Create(new FrontEndOptions());
        using var watch = new SiloWatch(cluster.Grains, client.Hub, TimeProvider.System,
            NullLogger<SiloWatch>.Instance);
        using var maintenance = new FeedMaintenance(client.Hub, options, TimeProvider.System,
            NullLogger<FeedMaintenance>.Instance);
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await maintenance.StartAsync(TestContext.Current.CancellationToken);
        string[] shops = [.. Enumerable.Range(0, 12).Select(_ => OrderCluster.NewOrganization())];
        foreach (var shop in shops)
        {
            await cluster.AppendAsync(shop, $"{shop}/1");
            await client.SubscribeAsync(new FeedKey(shop, $"{shop}/1"));
        }

        // Long enough for the silo watch to learn both silos.
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        cluster.IsHeld = true;
        foreach (var shop in shops)
        {
            await cluster.AppendAsync(shop, $"{shop}/1");
        }

        await Eventually.Holds(
            () => shops.All(shop => cluster.Undelivered.Contains($"{shop}/1")), () =>
                "not every organization has forwarded its event");
        Assert.Empty(client.Events);
        await cluster.Cluster.KillSiloAsync(cluster.Cluster.Silos[1], TestContext.Current.CancellationToken);
        await Eventually.Holds(
            () => client.Events.Count == shops.Length,
            () => $"{client.Events.Count} of {shops.Length} orders are up to date");
        Assert.All(client.Events, e => Assert.Equal(2, e.Version));
        cluster.IsHeld = false;
        await watch.StopAsync(CancellationToken.None);
        await maintenance.StopAsync(CancellationToken.None);
    }
}
