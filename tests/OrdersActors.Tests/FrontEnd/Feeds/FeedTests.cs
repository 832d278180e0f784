using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class FeedTests : IDisposable
{
    private static readonly FeedKey Order = new("shop", "o");

    private readonly FrontEndGrains _grains = new() { Head = 3 };
    private readonly RecordingListener _listener = new();
    private readonly FeedReader _reader;
    private readonly Feed _feed;

    public FeedTests()
    {
        var history = new FeedHistory(FrontEndGrains.Epoch, new OtherEpochSignal());
        _reader = new FeedReader(_grains.Factory, Options.Create(new FrontEndOptions()));
        _feed = new Feed(
            Order, history, new RecordingObserver(), _grains.Factory, _reader, new FakeTimeProvider(),
            NullLogger<Feed>.Instance);
    }

    public void Dispose() => _reader.Dispose();

    [Fact]
    public async Task First_listener_registers_the_feed_and_the_next_one_shares_it()
    {
        Assert.Equal(JoinResult.Joined, await _feed.JoinAsync(_listener));
        Assert.Equal(JoinResult.Joined, await _feed.JoinAsync(new RecordingListener()));
        Assert.Equal(3, _listener.Last);
        Assert.Equal(1, _grains.Count(nameof(IOrderFeedGrain.Subscribe)));
    }

    [Fact]
    public async Task Events_that_came_before_the_registration_was_answered_are_read_from_the_log()
    {
        var (answer, read) = (new TaskCompletionSource(), new TaskCompletionSource());
        _grains.Before = method => method == nameof(IOrderFeedGrain.Subscribe) ? answer.Task : read.Task;
        var joining = _feed.JoinAsync(_listener);
        await Eventually.Holds(() => _grains.Calls.Length == 1, () => "the feed did not register");
        _feed.OnEvents([FrontEndGrains.Event("o", 4), FrontEndGrains.Event("o", 5)]);
        // The grain answers with the head of the moment at which it handled the call.
        answer.SetResult();
        Assert.Equal(JoinResult.Joined, await joining);
        Assert.Equal(3, _listener.Last);
        _grains.Head = 5;
        read.SetResult();
        await Eventually.Equal([4L, 5L], () => _listener.Numbers);
    }

    [Fact]
    public async Task Gap_is_read_from_the_log_before_later_events()
    {
        await _feed.JoinAsync(_listener);
        _grains.Head = 6;
        _feed.OnEvents([FrontEndGrains.Event("o", 6)]);
        await Eventually.Equal(Numbers(4, 6), () => _listener.Numbers);
        _feed.OnEvents([FrontEndGrains.Event("o", 7)]);
        Assert.Equal(Numbers(4, 7), _listener.Numbers);
    }

    [Fact]
    public async Task Renewal_reads_the_events_that_were_missed()
    {
        await _feed.JoinAsync(_listener);
        _grains.Head = 5;
        Assert.True(await _feed.RenewAsync());
        await Eventually.Equal([4L, 5L], () => _listener.Numbers);
    }

    [Fact]
    public async Task Denied_feed_is_not_joined()
    {
        _grains.IsMissing = true;
        Assert.Equal(JoinResult.Denied, await _feed.JoinAsync(_listener));
        Assert.Null(_listener.Membership);
        Assert.True(await _feed.RetireAsync());
        Assert.Equal(JoinResult.Retired, await _feed.JoinAsync(_listener));
        Assert.Equal(0, _grains.Count(nameof(IOrderFeedGrain.Unsubscribe)));
    }

    [Fact]
    public async Task Denied_renewal_ends_the_feed_and_notifies_its_listeners()
    {
        await _feed.JoinAsync(_listener);
        _grains.IsMissing = true;
        Assert.False(await _feed.RenewAsync());
        Assert.True(_listener.IsDenied);
        Assert.Equal(JoinResult.Retired, await _feed.JoinAsync(new RecordingListener()));
        _feed.OnEvents([FrontEndGrains.Event("o", 4)]);
        Assert.Empty(_listener.Numbers);
        Assert.True(await _feed.RetireAsync());
    }

    [Fact]
    public async Task Feed_without_listeners_unregisters()
    {
        await _feed.JoinAsync(_listener);
        Assert.False(await _feed.RetireAsync());
        _listener.Membership!.Leave();
        Assert.True(await _feed.RetireAsync());
        Assert.Equal(1, _grains.Count(nameof(IOrderFeedGrain.Unsubscribe)));
    }

    [Fact]
    public async Task End_of_the_feed_ends_its_reading()
    {
        await _feed.JoinAsync(_listener);
        _grains.Before = _ => new TaskCompletionSource().Task;
        _feed.OnEvents([FrontEndGrains.Event("o", 9)]);
        await Eventually.Holds(() => _grains.Calls.Length == 2, () => "the gap was not read");
        await _feed.EndAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(_feed.PlaceFreed.IsCompleted);
        Assert.Equal(JoinResult.Retired, await _feed.JoinAsync(new RecordingListener()));
    }
}
