using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Cluster.Appends;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Tests.Support;
using Orleans.Streams;

namespace OrdersActors.Tests.Cluster.Appends;

/// <summary>Appends go to the organization's home silo. They are also stored if that silo does not answer.</summary>
public sealed class AppendRouteClusterTests(AppendRouteClusterTests.UnansweredAppends cluster)
    : IClassFixture<AppendRouteClusterTests.UnansweredAppends>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A cluster in which a silo that forwards an append to another one may get no answer.</summary>
    public sealed class UnansweredAppends : OrderCluster, IOutgoingGrainCallFilter
    {
        public ConcurrentQueue<GrainId> Asked { get; } = [];

        /// <summary>
        /// Whether the home silo stores the events before its answer is lost; null if answers arrive.
        /// </summary>
        public bool? IsStored { get; set; }

        /// <summary>What the calls of home silos wait for.</summary>
        public Task Gate { get; set; } = Task.CompletedTask;

        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.Request.GetInterfaceType() != typeof(IHomeAppendGrain))
            {
                await context.Invoke();
                return;
            }

            Asked.Enqueue(context.TargetId);
            await Gate;
            if (IsStored != false)
            {
                await context.Invoke();
            }

            if (IsStored is not null)
            {
                throw new TimeoutException("the test drops the answer");
            }
        }

        protected override void Configure(ISiloBuilder silo) =>
            silo.Services.AddSingleton<IOutgoingGrainCallFilter>(this);
    }

    [Fact]
    public async Task Append_is_stored_once_even_if_the_home_silos_answer_is_lost()
    {
        var writer = cluster.Grains.GetGrain<IEventWriterGrain>(0);
        // Each of the two silos owns half of the partitions, so the other silo owns some of these shops.
        string[] shops = [.. Enumerable.Range(0, 40).Select(_ => OrderCluster.NewOrganization())];
        cluster.Asked.Clear();
        foreach (var shop in shops)
        {
            await writer.Append(shop, [Event(shop, "answered")]);
        }

        var elsewhere = cluster.Asked.Count;
        Assert.InRange(elsewhere, 2, shops.Length - 1);
        foreach (var isStored in new[] { true, false })
        {
            cluster.Asked.Clear();
            cluster.IsStored = isStored;
            foreach (var shop in shops)
            {
                await writer.Append(shop, [Event(shop, $"{isStored}")]);
            }

            // A silo that did not answer is not called again immediately.
            Assert.InRange(cluster.Asked.Count, 1, elsewhere - 1);
            await Task.Delay(TimeSpan.FromSeconds(6), Cancelled);
        }

        foreach (var shop in shops)
        {
            var events = await cluster.Log.ReadOrganizationAsync(shop, 0, 10, Cancelled);
            Assert.Equal(["answered", "True", "False"], events.Select(e => e.Status));
        }
    }

    [Fact]
    public async Task Append_of_a_publisher_inside_a_silo_goes_to_the_home_silo_of_its_organization()
    {
        cluster.Asked.Clear();
        cluster.IsStored = null;
        // Each of the two silos is the home of about half of these shops.
        string[] shops = [.. Enumerable.Range(0, 40).Select(_ => OrderCluster.NewOrganization())];
        var streams = cluster.Cluster.Silos[0].ServiceProvider
            .GetRequiredKeyedService<IStreamProvider>(OrderStreams.ProviderName);
        foreach (var shop in shops)
        {
            await streams.GetStream<OrderStatusEvent>(OrderStreams.Namespace, shop).OnNextAsync(Event(shop, "inside"));
        }

        Assert.InRange(cluster.Asked.Count, 2, shops.Length - 1);
        foreach (var shop in shops)
        {
            Assert.Equal(1, (await cluster.Log.GetOrganizationHeadAsync(shop, Cancelled)).Sequence);
        }
    }

    [Fact]
    public async Task Appends_that_wait_for_calls_share_the_next_one_and_each_gets_its_own_answer()
    {
        cluster.IsStored = null;
        var services = cluster.Cluster.Silos[0].ServiceProvider;
        var (route, map) = (services.GetRequiredService<AppendRoute>(), services.GetRequiredService<PartitionMap>());
        var here = services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        // Three of each partition that the other silo owns.
        string[] shops =
        [
            .. Enumerable.Range(0, 1000).Select(_ => OrderCluster.NewOrganization())
                .Where(shop => !here.Equals(map.HomeOf(shop)))
                .GroupBy(map.PartitionOf).SelectMany(some => some.Take(3)),
        ];
        Assert.InRange(shops.Select(map.PartitionOf).Distinct().Count(), 2, 4);
        foreach (var shop in shops)
        {
            await route.AppendAsync(shop, [Event(shop, "first") with { Id = "taken" }]);
        }

        cluster.Asked.Clear();
        var gate = new TaskCompletionSource();
        cluster.Gate = gate.Task;
        // Ten for each shop: seven new ones, a repeated one, a conflict, and an invalid one.
        var appends = Enumerable.Range(0, 10).SelectMany(i => shops.Select(shop => (i, shop))).Select(place => (
            place.i,
            place.shop,
            Stored: route.AppendAsync(place.shop,
            [
                place.i switch
                {
                    7 => Event(place.shop, "first") with { Id = "taken" },
                    8 => Event(place.shop, "other") with { Id = "taken" },
                    9 => Event(place.shop, ""),
                    _ => Event(place.shop, "new") with { Id = $"e-{place.i}" },
                },
            ]))).ToArray();
        await Eventually.Holds(() => cluster.Asked.Count == 2, () => $"{cluster.Asked.Count} calls");
        gate.SetResult();
        foreach (var (i, shop, stored) in appends)
        {
            if (i == 8)
            {
                Assert.Equal("taken", (await Assert.ThrowsAsync<EventConflictException>(() => stored)).EventId);
            }
            else if (i == 9)
            {
                await Assert.ThrowsAsync<InvalidOrderEventException>(() => stored);
            }
            else
            {
                var e = Assert.Single(await stored);
                Assert.Equal((i == 7 ? "taken" : $"e-{i}", i == 7), (e.Id, e.IsRepeat));
            }
        }

        // Two appends made a call each, and the others, of all partitions, shared one or two.
        Assert.InRange(cluster.Asked.Count, 3, 4);
        foreach (var shop in shops)
        {
            var events = await cluster.Log.ReadOrganizationAsync(shop, 0, 100, Cancelled);
            Assert.Equal(
                ["e-0", "e-1", "e-2", "e-3", "e-4", "e-5", "e-6", "taken"], events.Select(e => e.Id).Order());
        }
    }

    private static OrderStatusEvent Event(string shop, string status) =>
        new() { OrderId = $"{shop}/1", Status = status };
}
