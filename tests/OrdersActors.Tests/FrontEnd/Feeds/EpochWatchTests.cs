using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class EpochWatchTests : IAsyncLifetime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider _time = new();
    private readonly FrontEndGrains _grains = new();
    private readonly RecordingLogger<EpochWatch> _log = new();
    private readonly FeedReader _reader;
    private readonly FeedHub _hub;
    private readonly EpochWatch _watch;

    public EpochWatchTests()
    {
        _reader = new FeedReader(_grains.Factory, Options.Create(new FrontEndOptions()));
        _hub = new FeedHub(_grains.Factory, new LocalObservers([]), _reader, [], [], _time, NullLogger<Feed>.Instance);
        _watch = new EpochWatch(_grains.Factory, _hub, _time, _log);
    }

    public async ValueTask InitializeAsync()
    {
        await _watch.StartAsync(TestContext.Current.CancellationToken);
        await AdvanceUntilAsync(() => _hub.Current.History.Epoch == FrontEndGrains.Epoch);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        _watch.Dispose();
        _reader.Dispose();
    }

    [Fact]
    public async Task Hub_follows_the_epoch_of_the_log()
    {
        var ended = _hub.Current.History;
        _grains.LogEpoch = "epoch-2";
        await AdvanceUntilAsync(() => _hub.Current.History.Epoch == "epoch-2");
        Assert.True(ended.HasEnded);
    }

    [Fact]
    public async Task Event_of_another_epoch_triggers_a_poll_at_once()
    {
        _grains.LogEpoch = "epoch-2";
        Assert.False(_hub.Current.History.Accepts("epoch-2"));
        // Less than the interval in total.
        for (var i = 0; i < 9 && _hub.Current.History.Epoch != "epoch-2"; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            for (var waits = 0; waits < 50 && _hub.Current.History.Epoch != "epoch-2"; waits++)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal("epoch-2", _hub.Current.History.Epoch);
    }

    [Fact]
    public async Task Poll_that_fails_while_the_server_stops_is_no_failure()
    {
        // A poll of the other watch could stop the new one before its own poll fails.
        await _watch.StopAsync(TestContext.Current.CancellationToken);
        using var watch = new EpochWatch(_grains.Factory, _hub, _time, _log);
        await StopDuringFailure.AssertEndsAsync(
            watch, work => _grains.Before = _ => work(), () => _time.Advance(Step));
    }

    [Fact]
    public async Task Failed_polls_are_repeated_and_become_less_frequent()
    {
        _grains.Before = _ => Task.FromException(new TimeoutException("a silo of a previous version"));
        await AdvanceUntilAsync(() => _log.Ids.Length >= 6);
        var began = _time.GetTimestamp();
        await AdvanceUntilAsync(() => _log.Ids.Length >= 7);
        Assert.True(_time.GetElapsedTime(began) > TimeSpan.FromSeconds(5));
        Assert.Equal(FrontEndGrains.Epoch, _hub.Current.History.Epoch);
        _grains.Before = null;
        _grains.LogEpoch = "epoch-2";
        await AdvanceUntilAsync(() => _hub.Current.History.Epoch == "epoch-2");
    }

    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 10_000 && !condition(); i++)
        {
            _time.Advance(Step);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.True(condition(), _log.Text);
    }
}
