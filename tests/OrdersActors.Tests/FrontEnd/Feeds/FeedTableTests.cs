using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

/// <summary>
/// A denied subscription leaves nothing in memory: no feed in the front end and no grain in a silo. An ended feed is
/// replaced.
/// </summary>
public sealed class FeedTableTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    [Fact]
    public async Task Denied_subscriptions_create_neither_a_feed_nor_a_grain()
    {
        await cluster.AppendAsync("another", "another/1");
        await using var client = new InProcessClient(cluster);
        for (var i = 0; i < 50; i++)
        {
            Assert.False(await client.TrySubscribeAsync(new FeedKey(_shop, $"{_shop}/{i}")));
        }

        Assert.False(await client.TrySubscribeAsync(new FeedKey(_shop, "another/1")));
        Assert.Empty(client.Hub.Current.Feeds);
        Assert.Equal(0, await OrderGrainsAsync());
    }

    [Fact]
    public async Task Grain_of_a_missing_order_deactivates_at_once()
    {
        var observer = cluster.Grains.CreateObjectReference<IOrderEventObserver>(new RecordingObserver());
        for (var i = 0; i < 20; i++)
        {
            var grain = cluster.Grains.GetGrain<IOrderGrain>(new FeedKey(_shop, $"{_shop}/{i}").GrainKey);
            Assert.Equal(FeedSubscription.Denied, await grain.Subscribe(_shop, observer));
        }

        await Eventually.Holds(() => OrderGrainsAsync().GetAwaiter().GetResult() == 0, () =>
            "grains of missing orders are still active");
    }

    [Fact]
    public async Task Order_can_be_subscribed_after_it_was_denied_and_then_created()
    {
        var order = new FeedKey(_shop, $"{_shop}/1");
        await using var client = new InProcessClient(cluster);
        Assert.False(await client.TrySubscribeAsync(order));
        await cluster.AppendAsync(_shop, $"{_shop}/1");
        Assert.True(await client.TrySubscribeAsync(order));
        await cluster.AppendAsync(_shop, $"{_shop}/1");
        await Eventually.Equal([2L], () => client.Events.Select(e => e.Version));
    }

    [Fact]
    public async Task Log_is_read_once_for_the_bounds_of_an_order_and_not_for_a_watched_order()
    {
        await cluster.AppendAsync(_shop, $"{_shop}/1");
        var order = new FeedKey(_shop, $"{_shop}/1");
        var grains = CountingGrains.Create(cluster.Grains, out var counter);
        await using var client = new InProcessClient(cluster, grains: grains);
        var bounds = await client.GetBoundsAsync(order);
        var asked = counter.Replays;
        Assert.True(await client.TrySubscribeAsync(order, 1, bounds));
        client.Unsubscribe(order);
        Assert.True(await client.TrySubscribeAsync(order));
        Assert.Equal((1, 1), (asked, counter.Replays));
    }

    [Fact]
    public async Task Join_after_a_denied_renewal_gets_the_grains_answer()
    {
        var grains = new FrontEndGrains { Head = 3 };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var table = NewTable(grains, reader);
        var (first, second, third) = (new RecordingListener(), new RecordingListener(), new RecordingListener());
        Assert.True(await table.JoinAsync(Order, first, null));
        var feed = table.Find(Order)!;

        // The log no longer has the order. The first listener learns it with the renewal, the second one by its join.
        grains.IsMissing = true;
        await table.RenewAsync(feed);
        Assert.True(first.IsDenied);
        Assert.Empty(table.Feeds);
        Assert.False(await table.JoinAsync(Order, second, null));
        Assert.Null(second.Membership);

        // The order is created again. Only a new feed gets its events.
        (grains.IsMissing, grains.Head) = (false, 1);
        Assert.True(await table.JoinAsync(Order, third, null));
        Assert.Equal(1, third.Last);
        table.Find(Order)!.OnEvents([FrontEndGrains.Event("o", 2)]);
        Assert.Equal([2L], third.Numbers);
        Assert.Empty(first.Numbers);
    }

    [Fact]
    public async Task Joins_during_a_denied_renewal_wait_for_a_new_feed()
    {
        var grains = new FrontEndGrains { Head = 3 };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var table = NewTable(grains, reader);
        Assert.True(await table.JoinAsync(Order, new RecordingListener(), null));
        var feed = table.Find(Order)!;
        grains.IsMissing = true;
        Assert.False(await feed.RenewAsync());

        var joining = table.JoinAsync(Order, new RecordingListener(), null);
        Assert.False(joining.IsCompleted);
        grains.IsMissing = false;
        await table.RetireAsync(feed);
        Assert.True(await joining);
        Assert.NotSame(feed, table.Find(Order));
    }

    [Fact]
    public async Task Next_feed_registers_only_after_the_ended_one_has_unregistered()
    {
        var grains = new FrontEndGrains { Head = 3 };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var table = NewTable(grains, reader);
        var listener = new RecordingListener();
        Assert.True(await table.JoinAsync(Order, listener, null));
        listener.Membership!.Leave();
        var release = new TaskCompletionSource();
        grains.Before = method =>
            method == nameof(IOrderFeedGrain.Unsubscribe) ? release.Task : Task.CompletedTask;
        var retiring = table.RetireAsync(table.Find(Order)!);
        var joining = table.JoinAsync(Order, listener, null);
        Assert.False(joining.IsCompleted);
        Assert.Equal(1, grains.Count(nameof(IOrderFeedGrain.Subscribe)));
        release.SetResult();
        await retiring;
        Assert.True(await joining);
        Assert.Equal(2, grains.Count(nameof(IOrderFeedGrain.Subscribe)));
    }

    [Fact]
    public async Task Ended_history_accepts_no_listener()
    {
        var grains = new FrontEndGrains { Head = 3 };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var table = NewTable(grains, reader);
        Assert.True(await table.JoinAsync(Order, new RecordingListener(), null));
        await table.EndAsync();
        await Assert.ThrowsAsync<EventLogUnavailableException>(
            () => table.JoinAsync(Order, new RecordingListener(), null));
    }

    [Fact]
    public async Task Feed_of_an_awaited_order_admits_others_only_when_the_order_has_events()
    {
        var grains = new FrontEndGrains { IsMissing = true };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var table = NewTable(grains, reader);
        var awaiting = new RecordingListener();
        Assert.True(await table.JoinAsync(Order, awaiting, null, mayAwait: true));
        Assert.Equal(0, awaiting.Last);
        var feed = table.Find(Order)!;
        Assert.False(await table.JoinAsync(Order, new RecordingListener(), null));
        Assert.Same(feed, table.Find(Order));

        feed.OnEvents([FrontEndGrains.Event("o", 1)]);
        Assert.Equal([1L], awaiting.Numbers);
        var reads = grains.Count(nameof(IReplayGrain.GetBounds));
        Assert.True(await table.JoinAsync(Order, new RecordingListener(), null));
        Assert.Equal(reads, grains.Count(nameof(IReplayGrain.GetBounds)));
        Assert.Equal(0, grains.Count(nameof(IOrderFeedGrain.Subscribe)));
    }

    [Fact]
    public async Task Awaited_order_is_renewed_ahead_until_its_first_event()
    {
        var grains = new FrontEndGrains { IsMissing = true };
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var table = NewTable(grains, reader);
        var listener = new RecordingListener();
        Assert.True(await table.JoinAsync(Order, listener, null, mayAwait: true));
        await table.RenewAsync(table.Find(Order)!);
        Assert.Equal((2, 0), (grains.Count("SubscribeAhead"), grains.Count("Subscribe")));
        Assert.False(listener.IsDenied);

        (grains.IsMissing, grains.Head) = (false, 1);
        table.Find(Order)!.OnEvents([FrontEndGrains.Event("o", 1)]);
        await table.RenewAsync(table.Find(Order)!);
        Assert.Equal((2, 1), (grains.Count("SubscribeAhead"), grains.Count("Subscribe")));

        // The log has lost the order, so awaiting it again would hide the loss.
        grains.IsMissing = true;
        await table.RenewAsync(table.Find(Order)!);
        Assert.True(listener.IsDenied);
    }

    [Fact]
    public async Task Silo_that_cannot_await_orders_serves_existing_ones_and_denies_others()
    {
        var grains = new FrontEndGrains { Head = 3 };
        grains.Before = method => method == nameof(IOrderGrain.SubscribeAhead)
            ? Task.FromException(new TypeLoadException("unknown method"))
            : Task.CompletedTask;
        using var reader = new FeedReader(grains.Factory, Options.Create(new FrontEndOptions()));
        var table = NewTable(grains, reader);
        Assert.True(await table.JoinAsync(Order, new RecordingListener(), null, mayAwait: true));
        grains.IsMissing = true;
        var missing = new FeedKey("shop", "p");
        Assert.False(await table.JoinAsync(missing, new RecordingListener(), null, mayAwait: true));
        Assert.Null(table.Find(missing));
    }

    private static FeedKey Order => new("shop", "o");

    private static FeedTable NewTable(FrontEndGrains grains, FeedReader reader) => new(
        new FeedHistory(null, new OtherEpochSignal()), grains.Factory, new LocalObservers([]), reader, [],
        new FakeTimeProvider(), NullLogger<Feed>.Instance);

    private async Task<int> OrderGrainsAsync()
    {
        var management = cluster.Grains.GetGrain<IManagementGrain>(0);
        var grains = await management.GetDetailedGrainStatistics();
        return grains.Count(grain => grain.GrainId.Type.ToString() == "order"
            && grain.GrainId.Key.ToString()!.StartsWith(_shop, StringComparison.Ordinal));
    }
}
