using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Subscriptions;

/// <summary>Connections share reads, and never see less than was committed before they asked.</summary>
public sealed class FeedReaderTests(TestLogCluster cluster) : IClassFixture<TestLogCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    private FeedKey Order => new(_shop, $"{_shop}/1");

    [Fact]
    public async Task A_read_that_began_before_an_event_was_committed_does_not_hide_it_from_a_later_caller()
    {
        using var reader = new FeedReader(cluster.Grains, Options.Create(new FrontEndOptions()));
        var history = new FeedHistory(null, cluster.Grains, (_, _, _) => throw new NotSupportedException(), () => { });
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

        // It has read that there is nothing past the fifth event, and has not returned yet.
        await cluster.PublishAsync(_shop, Order.OrderId!, 1);
        var second = reader.ReadSharedAsync(history, Order, 5);
        cluster.TestLog.AfterRead = null;
        release.SetResult();
        Assert.Empty(await first);
        Assert.Equal([6L], (await second).Select(frame => frame.Number));
    }

    [Fact]
    public async Task A_client_that_joins_a_read_of_the_past_is_not_cut_off_for_history_that_is_there()
    {
        await cluster.PublishAsync(_shop, Order.OrderId!, 5);
        await using var client = new InProcessClient(cluster);
        await client.SubscribeAsync(Order);
        var feed = client.Hub.Find(Order)!;

        // Another connection reads at the end; the event comes, and this connection has to read it, too.
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
        var other = client.Reader.ReadSharedAsync(client.Hub.History, Order, 5);
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
