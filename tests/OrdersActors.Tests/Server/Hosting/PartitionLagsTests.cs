using Microsoft.Extensions.Time.Testing;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class PartitionLagsTests
{
    private readonly FakeTimeProvider _time = new();
    private Func<Task<PartitionState>> _read = () => Task.FromResult(new PartitionState(0, 10, 3));
    private int _reads;

    [Fact]
    public async Task Requests_within_two_seconds_share_a_read()
    {
        var lags = new PartitionLags(FakeLog.Create(Read), _time);
        var first = await lags.ReadAsync();
        Assert.All(first, partition => Assert.Equal(7, partition.Lag));
        Assert.Same(first, await lags.ReadAsync());
        Assert.Equal(FakeLog.PartitionCount, _reads);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotSame(first, await lags.ReadAsync());
        Assert.Equal(2 * FakeLog.PartitionCount, _reads);
    }

    [Fact]
    public async Task Log_that_hangs_has_no_lags_after_the_timeout()
    {
        var never = new TaskCompletionSource<PartitionState>();
        _read = () => never.Task;
        var lags = new PartitionLags(FakeLog.Create(Read), _time);
        var reading = lags.ReadAsync();
        Assert.Same(reading, lags.ReadAsync());
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(0.1));
                return reading.IsCompleted;
            },
            () => "the read does not end");
        Assert.Empty(await reading);
    }

    [Fact]
    public async Task Log_that_fails_has_no_lags()
    {
        _read = () => Task.FromException<PartitionState>(new EventLogUnavailableException("test"));
        Assert.Empty(await new PartitionLags(FakeLog.Create(Read), _time).ReadAsync());
    }

    private Task<PartitionState> Read(string method, object?[] arguments)
    {
        Assert.Equal(nameof(IEventLog.GetStateAsync), method);
        Interlocked.Increment(ref _reads);
        return _read();
    }
}
