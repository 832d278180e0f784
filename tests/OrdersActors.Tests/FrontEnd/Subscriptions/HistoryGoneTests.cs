using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Storage;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

/// <summary>
/// The log removes events that a connection has not received yet. The connection never skips them silently.
/// </summary>
public sealed class HistoryGoneTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private static readonly RetentionLimits KeepTen = new(TimeSpan.FromDays(1), 10, 10, TimeSpan.FromDays(1));
    private readonly string _shop = OrderCluster.NewOrganization();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replay_overtaken_by_retention_closes_with_the_reason(bool isOrganization)
    {
        await PublishAsync(3000);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var client = new InProcessClient(cluster, maxQueuedBytes: 256 * 1024) { Reading = release.Task };
        await client.SubscribeAsync(Feed(isOrganization), after: 0);
        await Eventually.Holds(() => client.IsFull, () => "the replay did not begin");
        await TrimAsync();
        release.SetResult();
        await Eventually.Holds(
            () => client.Closed is not null, () => $"{client.Events.Count} events were received, but no close");
        Assert.Same(CloseReason.HistoryGone, client.Closed);
        Assert.Equal(1013, client.Closed!.Status);
        Assert.Equal(Numbers(1, client.Events.Count), client.Events.Select(e => e.Version));
        Assert.InRange(client.Events.Count, 1, 2989);
    }

    [Fact]
    public async Task Feed_that_missed_removed_events_closes_its_connections_and_serves_new_ones()
    {
        await PublishAsync(1);
        await using var client = new InProcessClient(cluster);
        await client.SubscribeAsync(Feed(false));
        var feed = client.Hub.Current.Find(Feed(false))!;

        // Simulates a frozen front end: it misses a thousand events, of which ten are kept.
        await cluster.Grains.GetGrain<IOrderGrain>(new FeedKey(_shop, Order).GrainKey).Unsubscribe(feed.Observer);
        await PublishAsync(1000);
        await TrimAsync();
        await feed.RenewAsync();
        await Eventually.Holds(() => client.Closed is not null, () => "the connection was not closed");
        Assert.Same(CloseReason.HistoryGone, client.Closed);
        Assert.Empty(client.Events);

        await using var next = new InProcessClient(cluster);
        await next.SubscribeAsync(Feed(false), after: 991);
        await PublishAsync(1);
        await Eventually.Equal(Numbers(992, 1002), () => next.Events.Select(e => e.Version));
    }

    private async Task PublishAsync(int count)
    {
        foreach (var batch in Enumerable.Repeat(new OrderStatusEvent { OrderId = Order, Status = "s" }, count)
            .Chunk(1000))
        {
            await cluster.Log.AppendAsync(
                _shop, [.. batch.Select(e => e with { Id = OrderStatusEvent.NewId() })],
                TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until all events are delivered, and removes the events that exceed the limits.</summary>
    private async Task TrimAsync()
    {
        var log = cluster.Log;
        await Eventually.Holds(
            () =>
            {
                while (log.TrimAsync(KeepTen).GetAwaiter().GetResult().IsMore)
                {
                }

                var head = log.GetOrganizationHeadAsync(_shop).GetAwaiter().GetResult();
                return head.Earliest == head.Sequence - 9;
            },
            () => "the log kept more than ten events");
    }

    private string Order => $"{_shop}/1";

    private FeedKey Feed(bool isOrganization) => new(_shop, isOrganization ? null : Order);
}
