using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class PendingWriteTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PendingWrite<int> _write = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Caller_and_writer_never_both_decide()
    {
        for (var i = 0; i < 1000; i++)
        {
            var write = new PendingWrite<int>();
            var decided = await Task.WhenAll(
                Task.Run(write.TryTake, Cancelled), Task.Run(write.TryGiveUp, Cancelled));
            Assert.Single(decided, isDecided => isDecided);
            Assert.Equal(decided[1], write.Answer.IsCanceled);
        }
    }

    [Fact]
    public async Task Caller_gets_the_first_answer()
    {
        Assert.True(_write.TryTake());
        var waiting = _write.WaitAsync(Cancelled);
        _write.Complete(7);
        _write.Fail(new InvalidOperationException("too late"));
        Assert.Equal(7, await waiting);
    }

    [Fact]
    public async Task Cancelled_caller_gives_the_write_up()
    {
        using var cancel = new CancellationTokenSource();
        var waiting = _write.WaitAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(_write.TryTake());
    }

    [Fact]
    public async Task Write_whose_turn_does_not_come_in_time_is_given_up()
    {
        var waiting = _write.WaitForTurnAsync(TimeSpan.FromSeconds(4), _time, Cancelled);
        _time.Advance(TimeSpan.FromSeconds(4));
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        Assert.False(_write.TryTake());
    }

    [Fact]
    public async Task Write_whose_turn_has_come_is_awaited_beyond_the_timeout()
    {
        var waiting = _write.WaitForTurnAsync(TimeSpan.FromSeconds(4), _time, Cancelled);
        Assert.True(_write.TryTake());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(waiting.IsCompleted);
        _write.Complete(7);
        Assert.Equal(7, await waiting);
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_for_a_turn_and_gives_the_write_up()
    {
        using var cancel = new CancellationTokenSource();
        var waiting = _write.WaitForTurnAsync(TimeSpan.FromSeconds(4), _time, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(_write.TryTake());
    }
}
