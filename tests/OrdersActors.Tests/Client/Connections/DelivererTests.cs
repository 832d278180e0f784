using Microsoft.Extensions.Time.Testing;
using OrdersActors.Client;
using OrdersActors.Client.Connections;
using OrdersActors.Client.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Client.Connections;

public sealed class DelivererTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FeedTable _feeds = new(maxBufferedBytes: 1000);
    private readonly Deliverer _deliverer;

    public DelivererTests()
    {
        _deliverer = new Deliverer(_feeds, _time);
        _feeds.Begin(isConnected: true);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Event_reaches_all_watches_of_its_order_once()
    {
        Watch[] watches = [_feeds.Join("o-1", 0), _feeds.Join("o-1", 0)];
        _feeds.GoLive("o-1", 0);
        Assert.True(await DeliverAsync("o-1", 1));
        Assert.True(await DeliverAsync("o-1", 1));
        Assert.True(await DeliverAsync("o-unknown", 1));
        Assert.All(watches, watch => Assert.Equal([1L], watch.Read()));
    }

    [Fact]
    public async Task Missing_event_is_reported_and_nothing_after_it_is_delivered()
    {
        var watch = _feeds.Join("o-1", 0);
        _feeds.GoLive("o-1", 0);
        Assert.True(await DeliverAsync("o-1", 1));
        Assert.False(await DeliverAsync("o-1", 3));
        Assert.Equal([1L], watch.Read());
    }

    [Fact]
    public async Task Event_of_the_organization_reaches_the_order_and_the_organization()
    {
        var all = _feeds.Join(null, 0);
        _feeds.GoLive(null, 0);
        var one = _feeds.Join("o-1", WatchStart.Now);
        _feeds.GoLive("o-1", 6);
        Assert.True(await DeliverAsync("o-1", 7, sequence: 1));
        Assert.True(await DeliverAsync("o-2", 1, sequence: 2));
        Assert.Equal([7L, 1], all.Read());
        Assert.Equal([7L], one.Read());
    }

    [Fact]
    public async Task Events_that_come_before_the_confirmation_are_held_until_it()
    {
        var all = _feeds.Join(null, 0);
        _feeds.GoLive(null, 0);
        var one = _feeds.Join("o-1", WatchStart.Now);
        var feed = _feeds.NextRequest()!.Value.Feeds.Single();
        Assert.True(await DeliverAsync("o-1", 6, sequence: 1));
        Assert.True(await DeliverAsync("o-1", 7, sequence: 2));
        Assert.Empty(one.Read());
        _feeds.Confirm(feed, new Confirmation(IsResumed: true, 0, FeedEvents.Epoch, 5));
        Assert.True(await _deliverer.DeliverHeldAsync(feed, Cancelled));
        Assert.Equal([6L, 7], one.Read());
        Assert.Equal([6L, 7], all.Read());
    }

    [Fact]
    public async Task Full_watch_is_waited_for_while_its_reader_makes_room()
    {
        var watch = _feeds.Join("o-1", 0);
        _feeds.GoLive("o-1", 0);
        Assert.True(await DeliverAsync("o-1", 1));
        Assert.True(await DeliverAsync("o-1", 2));
        var delivering = DeliverAsync("o-1", 3);
        Assert.False(delivering.IsCompleted);
        await _time.AdvanceInStepsAsync(TimeSpan.FromMilliseconds(900));
        Assert.False(delivering.IsCompleted);
        Assert.True(watch.Buffer.TryTake(out var first));
        Assert.True(await delivering);
        Assert.Equal(1, first.Update!.Version);
        Assert.Equal([2L, 3], watch.Read());
        Assert.False(watch.IsDetached);
    }

    [Fact]
    public async Task Watch_that_is_full_for_a_second_loses_its_place_and_the_others_go_on()
    {
        var slow = _feeds.Join("o-1", 0);
        var fast = _feeds.Join("o-1", 0);
        _feeds.GoLive("o-1", 0);
        Assert.True(await DeliverAsync("o-1", 1));
        Assert.True(await DeliverAsync("o-1", 2));
        Assert.Equal([1L, 2], fast.Read());
        var delivering = DeliverAsync("o-1", 3);
        await _time.AdvanceUntilAsync(() => delivering.IsCompleted, () => "the full watch stops the others", 5);
        Assert.True(await delivering);
        Assert.True(slow.IsDetached);
        Assert.Equal([3L], fast.Read());
        // The waiting events are not lost. The later events come again when the reader has read them.
        Assert.Equal([1L, 2], slow.Read());
        _feeds.Reattach(slow);
        Assert.True(_feeds.MustRenew);
    }

    [Fact]
    public async Task Wait_for_a_full_watch_ends_with_the_session()
    {
        _feeds.Join("o-1", 0);
        _feeds.GoLive("o-1", 0);
        Assert.True(await DeliverAsync("o-1", 1));
        Assert.True(await DeliverAsync("o-1", 2));
        using var ended = new CancellationTokenSource();
        var delivering = _deliverer.DeliverAsync(FeedEvents.Event("o-1", 3), FeedEvents.Size, ended.Token);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delivering);
    }

    private Task<bool> DeliverAsync(string order, long version, long? sequence = null) =>
        _deliverer.DeliverAsync(FeedEvents.Event(order, version, sequence), FeedEvents.Size, Cancelled);
}
