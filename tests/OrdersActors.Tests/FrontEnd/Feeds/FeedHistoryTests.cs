using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

/// <summary>
/// The log's epoch changes while a front end has pending requests, registrations, notifications and reads. No event of
/// one epoch reaches a subscription of another one.
/// </summary>
public sealed class FeedHistoryTests(TestLogCluster cluster) : IClassFixture<TestLogCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    private FeedKey Order => new(_shop, $"{_shop}/1");

    [Fact]
    public void History_takes_the_first_epoch_and_accepts_no_other()
    {
        var signal = new OtherEpochSignal();
        var history = new FeedHistory(null, signal);
        Assert.True(history.Accepts(null));
        Assert.True(history.Accepts("a"));
        Assert.True(history.Accepts("a"));
        Assert.False(signal.Seen.IsCompleted);
        Assert.False(history.Accepts("b"));
        Assert.True(history.Accepts(null));
        Assert.Equal("a", history.Epoch);
        Assert.True(signal.Seen.IsCompleted);
    }

    [Fact]
    public async Task Event_of_another_epoch_is_dropped_and_makes_the_front_end_query_the_epoch()
    {
        await using var client = await SubscribedAsync();
        var feed = client.Hub.Current.Find(Order)!;
        Assert.False(client.Hub.OtherEpochSeen.IsCompleted);
        feed.OnEvents([new EncodedOrderEvent(Order.OrderId!, 2, 2, "{}"u8.ToArray(), "another")]);
        Assert.Equal(1, feed.Last);
        Assert.True(client.Hub.OtherEpochSeen.IsCompleted);

        // The dropped event does not count as seen either, so the next one causes no gap.
        await cluster.PublishAsync(_shop, Order.OrderId!, 1);
        await Eventually.Equal([2L], () => client.Events.Select(e => e.Version));
    }

    [Fact]
    public async Task Pending_notification_is_dropped_when_the_history_ends()
    {
        await using var client = await SubscribedAsync();
        var (ended, feed) = (client.Hub.Current.History, client.Hub.Current.Find(Order)!);
        var feeds = new ConcurrentDictionary<FeedKey, Feed> { [Order] = feed };
        await client.Hub.FollowAsync("new");
        await new FeedObserver(feeds, NullLogger.Instance).OnEvents(
            Order, [new EncodedOrderEvent(Order.OrderId!, 2, 2, "{}"u8.ToArray(), ended.Epoch)]);
        Assert.Equal(1, feed.Last);
        Assert.Empty(client.Hub.Current.Feeds);
        Assert.Same(CloseReason.HistoryRewritten, client.Closed);
        Assert.Equal(1012, client.Closed!.Status);
    }

    [Fact]
    public async Task Connection_of_an_ended_history_gets_no_subscription_in_the_new_one()
    {
        await using var client = await SubscribedAsync();
        var bounds = await client.GetBoundsAsync(Order);
        await client.Hub.FollowAsync("new");
        await Assert.ThrowsAsync<EventLogUnavailableException>(() =>
            client.TrySubscribeAsync(new FeedKey(_shop, null)));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() =>
            client.TrySubscribeAsync(new FeedKey(_shop, null), 0, bounds));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => client.GetBoundsAsync(Order));
        Assert.Empty(client.Hub.Current.Feeds);
    }

    [Fact]
    public async Task Unregistered_connection_of_an_ended_history_is_closed_by_its_next_request()
    {
        await using var client = new InProcessClient(cluster);
        await cluster.PublishAsync(_shop, Order.OrderId!, 1);
        await client.GetBoundsAsync(Order);
        client.IsRegistered = false;
        await client.Hub.FollowAsync("new");
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => client.TrySubscribeAsync(Order));
        Assert.Same(CloseReason.HistoryRewritten, client.Closed);
    }

    [Fact]
    public async Task Bounds_registrations_and_pages_of_another_epoch_are_refused()
    {
        await cluster.PublishAsync(_shop, Order.OrderId!, 3);
        await using var client = new InProcessClient(cluster);
        // The front end already knows the new epoch, but the silos do not.
        await client.Hub.FollowAsync("new");
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => client.GetBoundsAsync(Order));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => client.TrySubscribeAsync(Order));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() =>
            client.TrySubscribeAsync(new FeedKey(_shop, null)));
        using var reader = new FeedReader(cluster.Grains, Options.Create(new FrontEndOptions()));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() =>
            reader.ReadAsync(client.Hub.Current.History, Order, 0));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() =>
            reader.ReadSharedAsync(client.Hub.Current.History, Order, 0));
        Assert.Empty(client.Events);
        Assert.True(client.Hub.OtherEpochSeen.IsCompleted);
    }

    [Fact]
    public async Task Registration_answered_after_its_history_ended_starts_no_feed()
    {
        await cluster.PublishAsync(_shop, Order.OrderId!, 1);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var client = new InProcessClient(cluster);
        var bounds = await client.GetBoundsAsync(Order);
        cluster.TestLog.AfterRead = _ =>
        {
            reading.TrySetResult();
            return release.Task;
        };
        var subscribing = client.TrySubscribeAsync(Order, 0, bounds);
        await reading.Task;
        await client.Hub.FollowAsync("new");
        cluster.TestLog.AfterRead = null;
        release.SetResult();
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => subscribing);
        Assert.Empty(client.Events);
    }

    [Fact]
    public async Task Subscribe_while_the_history_ends_is_refused_or_closed_and_never_hangs()
    {
        await cluster.PublishAsync(_shop, Order.OrderId!, 1);
        for (var i = 0; i < 100; i++)
        {
            await using var client = new InProcessClient(cluster);
            var bounds = await client.GetBoundsAsync(Order);
            var (feeds, history) = (client.Hub.Current, client.Hub.Current.History);
            var joining = Task.Run(() => client.TrySubscribeAsync(Order, null, bounds),
                TestContext.Current.CancellationToken);
            await Task.Delay(i % 5, TestContext.Current.CancellationToken);
            await client.Hub.FollowAsync("new");
            try
            {
                Assert.True(await joining.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
            }
            catch (EventLogUnavailableException)
            {
                Assert.True(history.HasEnded);
            }

            // Whatever the result of the request, the connection is closed, and its feed delivers nothing.
            Assert.Same(CloseReason.HistoryRewritten, client.Closed);
            feeds.Find(Order)?.OnEvents([new EncodedOrderEvent(Order.OrderId!, 2, 2, "{}"u8.ToArray(),
                history.Epoch)]);
            Assert.Empty(client.Events);
        }

    }

    private async Task<InProcessClient> SubscribedAsync()
    {
        await cluster.PublishAsync(_shop, Order.OrderId!, 1);
        var client = new InProcessClient(cluster);
        await client.SubscribeAsync(Order);
        return client;
    }
}
