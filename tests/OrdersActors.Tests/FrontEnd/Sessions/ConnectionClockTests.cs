using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class ConnectionClockTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly FakeTimeProvider _time = new();
    private readonly FrontEndOptions _options = new();

    [Fact]
    public async Task Connection_that_fails_its_check_does_not_end_the_checks_of_others()
    {
        var registry = new ConnectionRegistry();
        var aborted = 0;
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        registry.Add(Create(first, () => throw new InvalidOperationException("broken")));
        registry.Add(Create(second, () => Interlocked.Increment(ref aborted)));
        var log = new RecordingLogger<ConnectionClock>();
        using var clock = new ConnectionClock(registry, Options.Create(_options), _time, log);
        await clock.StartAsync(TestContext.Current.CancellationToken);

        // Both connections miss the deadline and do not answer the close, so the clock aborts both at every check while
        // they exist.
        await Eventually.Holds(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Volatile.Read(ref aborted) >= 3 && log.Ids.Length >= 3;
        }, () => $"{aborted} aborts, {log.Text}");
        Assert.False(clock.ExecuteTask!.IsCompleted);
        await clock.StopAsync(TestContext.Current.CancellationToken);
    }

    private Connection Create(MemoryStream socket, Action abort)
    {
        var options = Options.Create(_options);
        var reader = new FeedReader(cluster.Grains, options);
        var hub = new FeedHub(
            cluster.Grains, reader, [], [], _time, NullLogger<Feed>.Instance);
        var admission = new ConnectionAdmission(options, _time, NullLogger<ConnectionAdmission>.Instance);
        Assert.True(admission.TryEnter(null, out var slot, out _));
        return new Connection(
            socket, abort, slot, hub, reader, new FrontEndLimiters(_time), new Authenticator(cluster.Grains),
            new FailedConnectBudgets(options, _time), _options, _time, NullLogger<Connection>.Instance);
    }
}
