using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class WriteQueueTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    private readonly FakeTimeProvider _time = new();
    private readonly WriteQueue<PendingWrite<int>> _queue;

    public WriteQueueTests() => _queue = new WriteQueue<PendingWrite<int>>(2, Timeout, _time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_are_taken_in_order()
    {
        var (first, second) = (await EnqueueAsync(), await EnqueueAsync());
        Assert.Same(first, Take());
        Assert.Same(second, Take());
        Assert.Null(Take());
    }

    [Fact]
    public async Task Write_without_room_in_the_group_stays_in_the_queue()
    {
        var write = await EnqueueAsync();
        Assert.False(_queue.TryTake(_ => false, out _));
        Assert.Same(write, Take());
    }

    [Fact]
    public async Task Write_that_was_given_up_is_dropped()
    {
        var (first, second) = (await EnqueueAsync(), await EnqueueAsync());
        Assert.True(first.TryGiveUp());
        Assert.Same(second, Take());
        Assert.False(second.TryGiveUp());
    }

    [Fact]
    public async Task Full_queue_makes_a_write_wait_for_room()
    {
        await EnqueueAsync();
        await EnqueueAsync();
        var waiting = EnqueueAsync();
        Assert.False(waiting.IsCompleted);
        Take();
        await waiting;
    }

    [Fact]
    public async Task Write_fails_as_unavailable_when_the_queue_stays_full_until_the_timeout()
    {
        await EnqueueAsync();
        await EnqueueAsync();
        var waiting = EnqueueAsync();
        _time.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => waiting);
        Assert.Equal("the event log is unavailable: 2 appends have been waiting for 4 s", e.Message);
    }

    [Fact]
    public async Task Caller_can_cancel_the_wait_for_room()
    {
        await EnqueueAsync();
        await EnqueueAsync();
        using var cancel = new CancellationTokenSource();
        var waiting = _queue.EnqueueAsync(new PendingWrite<int>(), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Closed_queue_rejects_writes_and_ends_after_the_remaining_ones()
    {
        var write = await EnqueueAsync();
        await EnqueueAsync();
        var waiting = EnqueueAsync();
        _queue.Close();
        foreach (var rejected in new[] { waiting, EnqueueAsync() })
        {
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => rejected);
            Assert.Equal("the event log is unavailable: the server is stopping", e.Message);
        }

        Assert.True(await _queue.WaitToTakeAsync());
        Assert.Same(write, Take());
        Assert.NotNull(Take());
        Assert.False(await _queue.WaitToTakeAsync());
    }

    private async Task<PendingWrite<int>> EnqueueAsync()
    {
        var write = new PendingWrite<int>();
        await _queue.EnqueueAsync(write, Cancelled);
        return write;
    }

    private PendingWrite<int>? Take() => _queue.TryTake(_ => true, out var write) ? write : null;
}
