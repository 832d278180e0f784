using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Tests.Support;
using Orleans.Core.Internal;

namespace OrdersActors.Tests.FrontEnd.Feeds;

/// <summary>
/// The store is restored without its last events, and new events reuse their numbers, while the cluster keeps running.
/// </summary>
public sealed class RewrittenHistoryTests(TestLogCluster cluster) : IClassFixture<TestLogCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_that_reuse_numbers_reach_every_client_after_its_connection_was_closed()
    {
        await PublishAsync("1", 6);
        await PublishAsync("2", 4);
        await using var client = new InProcessClient(cluster);
        await using var watch = await WatchAsync(client.Hub);
        await client.SubscribeAsync(new FeedKey(_shop, null), after: 0);
        await client.SubscribeAsync(Feed("1"), after: 0);
        await Eventually.Equal(Numbers(1, 10), () => client.Events.Select(e => e.Sequence ?? 0));

        await cluster.RestoreAsync(_shop, 5);
        await PublishAsync("1", 3);
        await cluster.TestLog.BeginEpochAsync(cluster.TestLog.Epoch, "detected by the test", Cancelled);
        await Eventually.Holds(() => client.Closed is not null, () => "the connection was not closed");
        Assert.Same(CloseReason.HistoryRewritten, client.Closed);
        Assert.Equal(10, client.Events.Count);

        // The client reconnects and starts again, and so do others.
        await using var again = new InProcessClient(cluster);
        await again.SubscribeAsync(new FeedKey(_shop, null), after: 0);
        await using var shopper = new InProcessClient(cluster);
        await shopper.SubscribeAsync(Feed("1"));
        await Eventually.Equal(Numbers(1, 8), () => again.Events.Select(e => e.Sequence ?? 0));
        await PublishAsync("1", 5);
        await Eventually.Equal(Numbers(1, 13), () => again.Events.Select(e => e.Sequence ?? 0));
        await Eventually.Equal(Numbers(9, 13), () => shopper.Events.Select(e => e.Version));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Renewal_that_finds_the_log_behind_its_grain_begins_a_new_epoch(bool isOrganization)
    {
        await PublishAsync("1", 4);
        await using var client = new InProcessClient(cluster);
        await using var watch = await WatchAsync(client.Hub);
        await client.SubscribeAsync(isOrganization ? new FeedKey(_shop, null) : Feed("1"));
        await PublishAsync("1", 2);
        await Eventually.Equal([5L, 6L], () => client.Events.Select(e => e.Version));
        var epoch = cluster.TestLog.Epoch;
        await cluster.RestoreAsync(_shop, 3);
        await client.RenewAsync();
        Assert.NotEqual(epoch, cluster.TestLog.Epoch);
        await Eventually.Holds(() => client.Closed is not null, () => "the connection was not closed");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public async Task Front_end_ahead_of_the_log_makes_the_silos_begin_a_new_epoch(int kept)
    {
        await PublishAsync("1", 6);
        await using var client = new InProcessClient(cluster);
        await using var watch = await WatchAsync(client.Hub);
        await client.SubscribeAsync(Feed("1"), after: 0);
        await Eventually.Equal(Numbers(1, 6), () => client.Events.Select(e => e.Version));

        // The grain deactivates, so the silos no longer know which numbers they have seen.
        var feed = client.Hub.Current.Find(Feed("1"))!;
        await cluster.RestoreAsync(_shop, kept);
        var grain = cluster.Grains.GetGrain<IOrderGrain>(Feed("1").GrainKey);
        await grain.Cast<IGrainManagementExtension>().DeactivateOnIdle(Cancelled);
        var epoch = cluster.TestLog.Epoch;
        await Eventually.Holds(
            () =>
            {
                feed.RenewAsync().GetAwaiter().GetResult();
                return cluster.TestLog.Epoch != epoch;
            },
            () => "no epoch began");
        await Eventually.Holds(() => client.Closed is not null, () => "the connection was not closed");
    }

    [Fact]
    public async Task Wrong_report_of_a_front_end_changes_nothing()
    {
        await PublishAsync("1", 6);
        var epoch = cluster.TestLog.Epoch;
        var silo = cluster.Grains.GetGrain<IClusterGrain>(0);
        await silo.ReportBehind(Feed("1"), epoch, 6);
        await silo.ReportBehind(new FeedKey(_shop, null), epoch, 6);
        await silo.ReportBehind(Feed("1"), "an epoch that has ended", 100);
        Assert.Equal(epoch, cluster.TestLog.Epoch);
        await silo.ReportBehind(Feed("1"), epoch, 7);
        Assert.NotEqual(epoch, cluster.TestLog.Epoch);
    }

    private async Task<RunningWatch> WatchAsync(FeedHub hub)
    {
        var watch = new EpochWatch(cluster.Grains, hub, TimeProvider.System, NullLogger<EpochWatch>.Instance);
        await watch.StartAsync(Cancelled);
        return new RunningWatch(watch);
    }

    private sealed class RunningWatch(EpochWatch watch) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await watch.StopAsync(CancellationToken.None);
            watch.Dispose();
        }
    }

    private Task PublishAsync(string order, int count) => cluster.PublishAsync(_shop, $"{_shop}/{order}", count);

    private FeedKey Feed(string order) => new(_shop, $"{_shop}/{order}");
}
