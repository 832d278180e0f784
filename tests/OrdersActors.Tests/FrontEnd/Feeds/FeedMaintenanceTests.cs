using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class FeedMaintenanceTests : IAsyncLifetime
{
    private static readonly FeedKey Order = new("shop", "o");

    private readonly FakeTimeProvider _time = new();
    private readonly FrontEndGrains _grains = new() { Head = 3 };
    private readonly RecordingListener _listener = new();
    private readonly FeedReader _reader;
    private readonly FeedHub _hub;
    private readonly FeedMaintenance _maintenance;

    public FeedMaintenanceTests()
    {
        var options = Options.Create(new FrontEndOptions { FeedLinger = TimeSpan.FromSeconds(5) });
        _reader = new FeedReader(_grains.Factory, options);
        _hub = new FeedHub(_grains.Factory, new LocalObservers([]), _reader, [], [], _time, NullLogger<Feed>.Instance);
        _maintenance = new FeedMaintenance(_hub, options, _time, NullLogger<FeedMaintenance>.Instance);
    }

    public async ValueTask InitializeAsync()
    {
        Assert.True(await _hub.Current.JoinAsync(Order, _listener, null));
        await _maintenance.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _maintenance.StopAsync(CancellationToken.None);
        _maintenance.Dispose();
        _reader.Dispose();
    }

    [Fact]
    public async Task Registration_is_renewed_before_its_lease_ends()
    {
        var feed = _hub.Current.Find(Order)!;
        var elapsed = TimeSpan.Zero;
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                elapsed += TimeSpan.FromSeconds(1);
                return _grains.Count(nameof(IOrderFeedGrain.Subscribe)) == 2;
            },
            () => "the feed was not renewed");
        Assert.True(elapsed >= _grains.Lease * 0.35, $"renewed after {elapsed}");
        Assert.Same(feed, _hub.Current.Find(Order));
    }

    [Fact]
    public async Task Idle_feed_is_retired_after_its_linger()
    {
        _listener.Membership!.Leave();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEmpty(_hub.Current.Feeds);
        await AdvanceUntilAsync(() => _hub.Current.Feeds.Count == 0);
        Assert.Equal(1, _grains.Count(nameof(IOrderFeedGrain.Unsubscribe)));
    }

    [Fact]
    public async Task Feed_whose_renewal_is_denied_is_removed_and_its_listeners_are_notified()
    {
        _grains.IsMissing = true;
        await AdvanceUntilAsync(() => _hub.Current.Feeds.Count == 0);
        Assert.True(_listener.IsDenied);
        Assert.False(await _hub.Current.JoinAsync(Order, new RecordingListener(), null));
    }

    [Fact]
    public async Task Stop_ends_all_feeds_and_their_reading()
    {
        _grains.Before = _ => new TaskCompletionSource().Task;
        var feed = _hub.Current.Find(Order)!;
        feed.OnEvents([FrontEndGrains.Event("o", 9)]);
        await Eventually.Holds(
            () => _grains.Count(nameof(IReplayGrain.Read)) == 1, () => "the missing events were not read");
        await _maintenance.StopAsync(CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(JoinResult.Retired, await feed.JoinAsync(new RecordingListener()));
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.Holds(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        () => string.Join(' ', _grains.Calls));
}
