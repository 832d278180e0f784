using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class FeedHubTests : IHistoryListener, IDisposable
{
    private const int Rewritten = 1313;

    private static readonly FeedKey Order = new("shop", "o");

    private readonly FrontEndGrains _grains = new() { Head = 3 };
    private readonly RecordingLogger<Feed> _log = new();
    private readonly FeedReader _reader;
    private readonly FeedHub _hub;
    private int _rewrites;

    public FeedHubTests()
    {
        _reader = new FeedReader(_grains.Factory, Options.Create(new FrontEndOptions()));
        _hub = new FeedHub(_grains.Factory, new LocalObservers([]), _reader, [], [this], new FakeTimeProvider(), _log);
    }

    void IHistoryListener.OnHistoryRewritten() => _rewrites++;

    public void Dispose() => _reader.Dispose();

    [Fact]
    public async Task First_epoch_is_taken_and_the_same_one_changes_nothing()
    {
        var feeds = _hub.Current;
        await _hub.FollowAsync("a");
        await _hub.FollowAsync("a");
        Assert.Same(feeds, _hub.Current);
        Assert.Equal("a", feeds.History.Epoch);
        Assert.Equal(0, _rewrites);
    }

    [Fact]
    public async Task Another_epoch_ends_the_history_and_its_feeds_and_is_announced_once()
    {
        var listener = new RecordingListener();
        var ended = _hub.Current;
        Assert.True(await ended.JoinAsync(Order, listener, null));
        var feed = ended.Find(Order)!;
        _grains.Before = _ => new TaskCompletionSource().Task;
        feed.OnEvents([FrontEndGrains.Event("o", 9)]);
        await _hub.FollowAsync("another").WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(ended.History.HasEnded);
        Assert.Equal("another", _hub.Current.History.Epoch);
        Assert.Empty(_hub.Current.Feeds);
        feed.OnEvents([FrontEndGrains.Event("o", 4)]);
        Assert.Empty(listener.Numbers);
        Assert.Equal(1, _rewrites);
        Assert.Single(_log.Ids, Rewritten);
    }

    [Fact]
    public async Task Signal_of_another_epoch_is_set_until_the_next_poll()
    {
        await _hub.FollowAsync("a");
        Assert.False(_hub.OtherEpochSeen.IsCompleted);
        Assert.False(_hub.Current.History.Accepts("b"));
        Assert.True(_hub.OtherEpochSeen.IsCompleted);
        await _hub.FollowAsync("a");
        Assert.False(_hub.OtherEpochSeen.IsCompleted);
    }

    [Fact]
    public async Task Decorator_stands_in_front_of_every_listener()
    {
        var faulty = new FaultyDelivery(HopFault.Drop, every: 1);
        var hub = new FeedHub(
            _grains.Factory, new LocalObservers([]), _reader, [faulty], [], new FakeTimeProvider(), _log);
        var listener = new RecordingListener();
        Assert.True(await hub.Current.JoinAsync(Order, listener, null));
        hub.Current.Find(Order)!.OnEvents([FrontEndGrains.Event("o", 4)]);
        Assert.Empty(listener.Numbers);
        Assert.Equal(1, faulty.Faults);
    }
}
