using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Epochs;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Epochs;

/// <summary>A silo decides whether an epoch received from another process is newer than its own or has ended.</summary>
public sealed class LogEpochsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TestLog _log = new(null!);
    private readonly LogEpochs _epochs;

    public LogEpochsTests() => _epochs = new LogEpochs(_log, _time);

    [Fact]
    public void Epoch_of_the_log_and_messages_without_an_epoch_are_current()
    {
        Assert.True(_epochs.IsCurrentAsync(_log.Epoch).AsTask().IsCompletedSuccessfully);
        Assert.True(_epochs.IsCurrentAsync(null).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Epoch_that_the_log_adopts_in_time_is_current()
    {
        var isCurrent = _epochs.IsCurrentAsync("epoch-2").AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(isCurrent.IsCompleted);
        await _log.BeginEpochAsync("epoch-1", "test", TestContext.Current.CancellationToken);
        await AdvanceUntilCompletedAsync(isCurrent);
        Assert.True(await isCurrent);
    }

    [Fact]
    public async Task Epoch_that_the_log_does_not_adopt_has_ended_and_is_waited_for_only_once()
    {
        var isCurrent = _epochs.IsCurrentAsync("old").AsTask();
        await AdvanceUntilCompletedAsync(isCurrent);
        Assert.False(await isCurrent);
        var again = _epochs.IsCurrentAsync("old").AsTask();
        Assert.True(again.IsCompletedSuccessfully);
        Assert.False(await again);
    }

    [Fact]
    public async Task Ended_epoch_of_the_log_is_known_at_once()
    {
        Assert.Equal("epoch-1", _epochs.Current);
        await _log.BeginEpochAsync("epoch-1", "test", TestContext.Current.CancellationToken);
        var old = _epochs.IsCurrentAsync("epoch-1").AsTask();
        Assert.True(old.IsCompletedSuccessfully);
        Assert.False(await old);
    }

    [Fact]
    public async Task Epoch_given_up_before_is_current_after_the_log_adopts_it()
    {
        var late = _epochs.IsCurrentAsync("epoch-2").AsTask();
        await AdvanceUntilCompletedAsync(late);
        Assert.False(await late);
        await _log.BeginEpochAsync("epoch-1", "test", TestContext.Current.CancellationToken);
        Assert.True(await _epochs.IsCurrentAsync("epoch-2"));
    }

    [Fact]
    public async Task Grain_forgets_its_numbers_once_when_the_epoch_changes()
    {
        var forgotten = 0;
        var epoch = new FeedEpoch(_epochs, () => forgotten++);
        Assert.True(await epoch.AdmitsAsync("epoch-1"));
        await _log.BeginEpochAsync("epoch-1", "test", TestContext.Current.CancellationToken);
        Assert.False(await epoch.AdmitsAsync("epoch-1"));
        Assert.True(await epoch.AdmitsAsync("epoch-2"));
        Assert.Equal(("epoch-2", 1), (epoch.Follow(), forgotten));
    }

    private async Task AdvanceUntilCompletedAsync(Task task)
    {
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                return task.IsCompleted;
            },
            () => "no decision was made");
    }
}
