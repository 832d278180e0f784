using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class GapReaderTests : IDisposable
{
    private const int NotRead = 1301;

    private static readonly FeedKey Order = new("shop", "o");

    private readonly FakeTimeProvider _time = new();
    private readonly FrontEndGrains _grains = new() { Head = 1000 };
    private readonly RecordingLogger<Feed> _log = new();
    private readonly RecordingListener _listener = new();
    private readonly FeedReader _reader;
    private readonly FeedFanOut _feed;
    private readonly GapReader _gaps;

    public GapReaderTests()
    {
        var history = new FeedHistory(FrontEndGrains.Epoch, new OtherEpochSignal());
        _reader = new FeedReader(_grains.Factory, Options.Create(new FrontEndOptions()));
        _feed = new FeedFanOut(Order, history, _time);
        _gaps = new GapReader(Order, _feed, _reader, _time, _log);
        _feed.OnRegistered(3);
        Assert.True(_feed.TryJoin(_listener));
    }

    public void Dispose() => _reader.Dispose();

    [Fact]
    public async Task Missing_events_are_read_up_to_the_newest_event_that_was_seen()
    {
        _gaps.EnsureReading();
        Assert.Empty(_grains.Calls);
        Reveal(600);
        await Eventually.Holds(() => _feed.FindGap() is null, () => $"the feed is at {_feed.Last}");
        Assert.Equal(Numbers(4, _feed.Last), _listener.Numbers);
        Assert.InRange(_feed.Last, 600, 1000);
    }

    [Fact]
    public async Task Failed_read_is_repeated_after_a_delay_that_grows()
    {
        var fails = true;
        _grains.Before = _ => fails ? Task.FromException(new TimeoutException("the log is away")) : Task.CompletedTask;
        Reveal(5);
        await Eventually.Holds(() => _log.Ids.Count(id => id == NotRead) == 1, () => "the read did not fail");
        Assert.Equal(1, _grains.Count(nameof(IReplayGrain.Read)));
        await AdvanceUntilAsync(() => _log.Ids.Count(id => id == NotRead) == 2);
        fails = false;
        await AdvanceUntilAsync(() => _feed.FindGap() is null);
        Assert.Equal([4L, 5L], _listener.Numbers[..2]);
    }

    [Fact]
    public async Task Stop_ends_a_read_that_hangs()
    {
        _grains.Before = _ => new TaskCompletionSource().Task;
        Reveal(5);
        await Eventually.Holds(() => _grains.Calls.Length == 1, () => "no read began");
        _feed.Retire();
        await _gaps.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        _gaps.EnsureReading();
        Assert.Single(_grains.Calls);
        Assert.DoesNotContain(NotRead, _log.Ids);
    }

    [Fact]
    public async Task Stop_ends_the_delay_before_a_retry()
    {
        _grains.Before = _ => Task.FromException(new TimeoutException("the log is away"));
        Reveal(5);
        await Eventually.Holds(() => _log.Ids.Contains(NotRead), () => "the read did not fail");
        _feed.Retire();
        await _gaps.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Single(_grains.Calls);
    }

    [Fact]
    public async Task Stop_succeeds_if_the_read_fails_meanwhile()
    {
        var stopping = new TaskCompletionSource<Task>();
        _grains.Before = _ =>
        {
            _feed.Retire();
            stopping.SetResult(_gaps.StopAsync());
            return Task.FromException(new EventLogUnavailableException("the history has ended"));
        };
        Reveal(5);
        await (await stopping.Task).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.DoesNotContain(NotRead, _log.Ids);
    }

    private void Reveal(long newest)
    {
        Assert.True(_feed.OnEvents([FrontEndGrains.Event("o", newest)]));
        _gaps.EnsureReading();
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.Holds(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return condition();
        },
        () => _log.Text);
}
