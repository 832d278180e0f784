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

    [Fact]
    public async Task Clients_that_resume_at_once_share_their_reads()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var grains = new FrontEndGrains { Head = 1000, Before = _ => release.Task };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var history = new FeedHistory(null, new OtherEpochSignal());
        var reading = Enumerable.Range(0, 200).Select(i => ReadAllAsync(reader, history, i % 50)).ToArray();
        release.SetResult();
        var pages = await Task.WhenAll(reading);
        Assert.All(pages.Index(), page => Assert.Equal(
            Numbers((page.Index % 50) + 1, 1000), page.Item.Select(frame => frame.Number)));
        // The first page from each position, and the four whole pages after it. Clients find nothing after the end, and
        // some of these reads are shared.
        Assert.InRange(grains.Calls.Length, 1, 50 + 4 + 200);
        Assert.Same(pages[0][500].Bytes, pages[1][499].Bytes);
    }

    [Fact]
    public async Task Whole_page_is_read_once_until_the_cache_is_cleared()
    {
        var grains = new FrontEndGrains { Head = 1000 };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var history = new FeedHistory(null, new OtherEpochSignal());
        Assert.Equal(200, (await reader.ReadSharedAsync(history, Order, 0)).Length);
        Assert.Equal(Numbers(51, 200), (await reader.ReadSharedAsync(history, Order, 50)).Select(f => f.Number));
        Assert.Single(grains.Calls);
        reader.ClearCache();
        await reader.ReadSharedAsync(history, Order, 50);
        Assert.Equal(2, grains.Calls.Length);
    }

    [Fact]
    public async Task End_of_a_feed_is_read_once_and_grows_with_the_events_that_follow()
    {
        var grains = new FrontEndGrains { Head = 320 };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var history = new FeedHistory(null, new OtherEpochSignal());
        Assert.Equal(Numbers(251, 320), await NumbersAsync(250));
        Assert.Equal(Numbers(261, 320), await NumbersAsync(260));
        Assert.Single(grains.Calls);

        grains.Head = 350;
        Assert.Equal(Numbers(321, 350), await NumbersAsync(320));
        Assert.Equal(Numbers(251, 350), await NumbersAsync(250));
        Assert.Equal(2, grains.Calls.Length);

        // The reader asks the log again for events before the cached ones, and then caches the longer range.
        Assert.Equal(Numbers(231, 350), await NumbersAsync(230));
        Assert.Equal(Numbers(232, 350), await NumbersAsync(231));
        Assert.Equal(Numbers(251, 350), await NumbersAsync(250));
        Assert.Equal(3, grains.Calls.Length);
        Assert.Empty(await NumbersAsync(350));
        Assert.Equal(4, grains.Calls.Length);

        async Task<IEnumerable<long>> NumbersAsync(long after) =>
            (await reader.ReadSharedAsync(history, Order, after)).Select(frame => frame.Number);
    }

    [Fact]
    public async Task Failed_read_fails_its_callers_and_no_later_one()
    {
        var grains = new FrontEndGrains { Head = 3, Before = _ => Task.FromException(new TimeoutException("away")) };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var history = new FeedHistory(null, new OtherEpochSignal());
        await Assert.ThrowsAsync<TimeoutException>(() => reader.ReadSharedAsync(history, Order, 0));
        grains.Before = null;
        Assert.Equal(3, (await reader.ReadSharedAsync(history, Order, 0)).Length);
    }

    private static async Task<List<EventFrame>> ReadAllAsync(FeedReader reader, FeedHistory history, long after)
    {
        var all = new List<EventFrame>();
        while (await reader.ReadSharedAsync(history, new FeedKey("shop", null), after) is { Length: > 0 } page)
        {
            all.AddRange(page);
            after = page[^1].Number;
        }

        return all;
    }
}
