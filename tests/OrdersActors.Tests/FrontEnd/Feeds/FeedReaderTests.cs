using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

/// <summary>Connections share reads, and a read never misses an event that was committed before the request.</summary>
public sealed class FeedReaderTests(TestLogCluster cluster) : IClassFixture<TestLogCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    private FeedKey Order => new(_shop, $"{_shop}/1");

    [Fact]
    public async Task Read_that_began_before_a_commit_does_not_hide_the_event_from_a_later_caller()
    {
        using var reader = new FeedReader(cluster.Grains, Options.Create(new FrontEndOptions()));
        var history = new FeedHistory(null, new OtherEpochSignal());
        await cluster.PublishAsync(_shop, Order.OrderId!, 5);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.TestLog.AfterRead = _ =>
        {
            isRead.TrySetResult();
            return release.Task;
        };
        var first = reader.ReadSharedAsync(history, Order, 5);
        await isRead.Task;

        // The first read has found nothing past the fifth event, and has not returned yet.
        await cluster.PublishAsync(_shop, Order.OrderId!, 1);
        var second = reader.ReadSharedAsync(history, Order, 5);
        cluster.TestLog.AfterRead = null;
        release.SetResult();
        Assert.Empty(await first);
        Assert.Equal([6L], (await second).Select(frame => frame.Number));
    }

    [Fact]
    public async Task Client_that_joins_an_older_read_is_not_disconnected_although_its_history_is_kept()
    {
        await cluster.PublishAsync(_shop, Order.OrderId!, 5);
        await using var client = new InProcessClient(cluster);
        await client.SubscribeAsync(Order);
        var feed = client.Hub.Current.Find(Order)!;

        // Another connection reads at the end of the order. Then an event is published, which this connection must
        // read, too.
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.TestLog.AfterRead = method =>
        {
            if (method != nameof(TestLog.ReadOrderAsync))
            {
                return Task.CompletedTask;
            }

            isRead.TrySetResult();
            return release.Task;
        };
        var other = client.Reader.ReadSharedAsync(client.Hub.Current.History, Order, 5);
        await isRead.Task;
        client.Unsubscribe(Order);
        await cluster.PublishAsync(_shop, Order.OrderId!, 1);
        await Eventually.Holds(() => feed.Last == 6, () => "the feed did not get the event");
        await client.SubscribeAsync(Order, after: 5);
        cluster.TestLog.AfterRead = null;
        release.SetResult();
        Assert.Empty(await other);
        await Eventually.Equal([6L], () => client.Events.Select(e => e.Version));
        Assert.Null(client.Closed);
    }
}
