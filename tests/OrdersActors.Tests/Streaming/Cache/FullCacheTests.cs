using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Streaming;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Streaming.Cache;

/// <summary>More events are published than the agents may cache. They read on after they have delivered some.</summary>
public sealed class FullCacheTests(FullCacheTests.SmallCaches cluster) : IClassFixture<FullCacheTests.SmallCaches>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    public sealed class SmallCaches : OrderCluster
    {
        protected override void Configure(ISiloBuilder silo) =>
            silo.Services.Configure<OrderStreamOptions>(options => options.CacheSize = 5);
    }

    [Fact]
    public async Task Events_past_the_cache_size_are_delivered_without_further_requests()
    {
        var observer = new RecordingObserver();
        await cluster.Grains.GetGrain<IOrganizationGrain>(_shop)
            .Subscribe(_shop, cluster.Grains.CreateObjectReference<IOrderEventObserver>(observer));
        var events = Enumerable.Range(1, 200)
            .Select(i => new OrderStatusEvent { OrderId = $"{_shop}/{i % 7}", Status = $"step-{i}" });
        await cluster.Log.AppendAsync(_shop, [.. events], TestContext.Current.CancellationToken);
        await Eventually.Equal(
            Enumerable.Range(1, 200).Select(i => (long)i), () => observer.NumbersOf(new FeedKey(_shop, null)));
    }
}
