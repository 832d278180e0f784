using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Status;
using OrdersActors.Storage;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Status;

public sealed class LogProbeTests
{
    private readonly FakeTimeProvider _time = new();
    private Func<Task<long>> _read = () => Task.FromResult(0L);
    private int _reads;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Log_that_hangs_or_fails_is_unavailable_after_three_seconds(bool hangs)
    {
        using var probe = new LogProbe(FakeLog.Create(Read), _time);
        await probe.StartAsync(TestContext.Current.CancellationToken);
        await TickAsync();
        for (var second = 0; second < 5; second++)
        {
            await TickAsync();
            await Eventually.Holds(() => probe.IsAvailable, () => "the log is not available");
        }

        var answer = new TaskCompletionSource<long>();
        _read = () => hangs ? answer.Task : Task.FromException<long>(new EventLogUnavailableException("test"));
        await TickAsync();
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(probe.IsAvailable);

        _read = () => Task.FromResult(0L);
        answer.SetResult(0);
        await TickAsync();
        await Eventually.Holds(() => probe.IsAvailable, () => "the log is not available again");
        await probe.StopAsync(CancellationToken.None);
    }

    private Task<long> Read(string method, object?[] arguments)
    {
        Assert.Equal(nameof(IEventLog.GetCheckpointAsync), method);
        Interlocked.Increment(ref _reads);
        return _read();
    }

    /// <summary>Advances the clock until the probe reads.</summary>
    private async Task TickAsync()
    {
        var before = Volatile.Read(ref _reads);
        await Eventually.Holds(
            () =>
            {
                if (Volatile.Read(ref _reads) > before)
                {
                    return true;
                }

                _time.Advance(TimeSpan.FromSeconds(0.1));
                return false;
            },
            () => "the probe does not read");
    }
}
