using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Feeds;

public sealed class SiloWatchTests
{
    private const int SiloGone = 1306;
    private const int NotAnswered = 1307;

    private static readonly FeedKey Order = new("shop", "o");

    private readonly FakeTimeProvider _time = new();
    private readonly FrontEndGrains _grains = new() { Lease = TimeSpan.FromHours(10) };
    private readonly RecordingLogger<SiloWatch> _log = new();

    [Fact]
    public async Task Feeds_register_again_within_a_second_after_a_silo_has_left()
    {
        using var reader = new FeedReader(_grains.Factory, Options.Create(new FrontEndOptions()));
        var hub = CreateHub(reader);
        Assert.True(await hub.Current.JoinAsync(Order, new RecordingListener(), null));
        var registration = hub.Current.Find(Order)!.Registration;
        using var watch = new SiloWatch(_grains.Factory, hub, _time, _log);
        await watch.StartAsync(TestContext.Current.CancellationToken);

        await PollAsync();
        _grains.Silos = ["a", "b", "c"];
        await PollAsync();
        Assert.True(registration.RenewAt > Soon());

        // A silo that does not answer is no loss.
        _grains.Before = _ => Task.FromException(new TimeoutException("no answer"));
        await PollAsync();
        Assert.Contains(NotAnswered, _log.Ids);
        Assert.True(registration.RenewAt > Soon());

        _grains.Before = null;
        _grains.Silos = ["a", "c"];
        await PollAsync();
        await Eventually.Holds(() => _log.Ids.Contains(SiloGone), () => _log.Text);
        Assert.Contains("Silo b", _log.Text, StringComparison.Ordinal);
        Assert.True(registration.RenewAt <= Soon());
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Poll_that_fails_while_the_server_stops_is_no_failure()
    {
        using var reader = new FeedReader(_grains.Factory, Options.Create(new FrontEndOptions()));
        using var watch = new SiloWatch(_grains.Factory, CreateHub(reader), _time, _log);
        await StopDuringFailure.AssertEndsAsync(
            watch, work => _grains.Before = _ => work(), () => _time.Advance(TimeSpan.FromSeconds(1)));
    }

    private FeedHub CreateHub(FeedReader reader) =>
        new(_grains.Factory, new LocalObservers([]), reader, [], [], _time, NullLogger<Feed>.Instance);

    private long Soon() => _time.GetTimestamp() + _time.TimestampFrequency;

    /// <summary>
    /// Advances until two more polls have begun, so that the answer to the first one has been handled.
    /// </summary>
    private Task PollAsync()
    {
        var polls = _grains.Count(nameof(IClusterGrain.GetSilos));
        return Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _grains.Count(nameof(IClusterGrain.GetSilos)) >= polls + 2;
            },
            () => "no poll");
    }
}
