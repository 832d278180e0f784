using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class PartitionSignalTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PartitionSignal _signal;

    public PartitionSignalTests() => _signal = new PartitionSignal(5, _time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wait_before_the_newest_position_ends_at_once_and_every_time()
    {
        Assert.Equal(5, _signal.Newest);
        await _signal.WaitAsync(4, Cancelled);
        await _signal.WaitAsync(4, Cancelled);
        Assert.False(_signal.WaitAsync(5, Cancelled).IsCompleted);
    }

    [Fact]
    public async Task Commit_wakes_all_waiters_for_a_lower_position_and_no_others()
    {
        Task[] waiting = [_signal.WaitAsync(5, Cancelled), _signal.WaitAsync(5, Cancelled)];
        var later = _signal.WaitAsync(6, Cancelled);
        _signal.NotifyCommitted(6);
        await Task.WhenAll(waiting);
        Assert.Equal(6, _signal.Newest);
        Assert.False(later.IsCompleted);
        _signal.NotifyCommitted(7);
        await later;
    }

    [Fact]
    public void Time_of_a_commit_is_known_until_a_new_epoch_begins()
    {
        _signal.NotifyCommitted(7, committedAt: 100);
        _signal.NotifyCommitted(8);
        Assert.Equal([0L, 100, 100, 0], new long[] { 5, 6, 7, 8 }.Select(_signal.FindCommitTimestamp));
        _signal.Reset();
        Assert.Equal(0, _signal.FindCommitTimestamp(7));
    }

    [Fact]
    public void Older_commit_does_not_move_the_newest_position_back()
    {
        _signal.NotifyCommitted(3);
        Assert.Equal(5, _signal.Newest);
    }

    [Fact]
    public async Task Hint_wakes_waiters_and_does_not_become_the_newest_position()
    {
        var waiting = _signal.WaitAsync(5, Cancelled);
        _signal.NotifyHint(9);
        await waiting;
        Assert.Equal(5, _signal.Newest);
    }

    [Fact]
    public async Task Hint_without_a_waiter_ends_exactly_one_later_wait()
    {
        _signal.NotifyHint(long.MaxValue);
        await _signal.WaitAsync(5, Cancelled);
        Assert.False(_signal.WaitAsync(5, Cancelled).IsCompleted);
    }

    [Fact]
    public void Hint_of_a_known_position_is_ignored()
    {
        var waiting = _signal.WaitAsync(5, Cancelled);
        _signal.NotifyHint(5);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task Reset_forgets_all_positions_and_wakes_all_waiters()
    {
        PartitionEntry[] appended = [new(5, FakeLog.Event(5) with { Epoch = "first" })];
        _signal.Tail.Remember(appended);
        _signal.Recent.AddAfter(4, appended);
        var waiting = _signal.WaitAsync(100, Cancelled);
        _signal.NotifyHint(50);
        _signal.Reset();
        await waiting.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
        Assert.Equal(0, _signal.Newest);
        Assert.Empty(_signal.Tail.Positions);
        Assert.Null(_signal.Recent.Read(4, 10, "first"));
        Assert.False(_signal.IsEnd(long.MaxValue));
        Assert.False(_signal.WaitAsync(0, Cancelled).IsCompleted);
    }

    [Fact]
    public async Task Reset_reaches_a_waiter_that_a_lower_position_has_just_woken()
    {
        for (var i = 0; i < 1000; i++)
        {
            var waiting = _signal.WaitAsync(100, Cancelled);
            // The waiter continues on another thread, and the reset comes before or after it waits again.
            _signal.NotifyCommitted(50);
            _signal.Reset();
            await waiting.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
        }
    }

    [Fact]
    public async Task Cancelled_wait_ends_and_leaves_the_others_waiting()
    {
        using var cancel = new CancellationTokenSource();
        var cancelled = _signal.WaitAsync(5, cancel.Token);
        var waiting = _signal.WaitAsync(5, Cancelled);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(waiting.IsCompleted);
        _signal.NotifyCommitted(6);
        await waiting;
    }

    [Fact]
    public async Task End_is_known_after_a_query_until_another_process_may_have_appended()
    {
        Assert.False(_signal.IsEnd(5));
        _signal.MarkQuery();
        Assert.True(_signal.IsEnd(5));
        Assert.False(_signal.IsEnd(4));

        // Own appends are in memory.
        _signal.NotifyCommitted(6, isOwn: true);
        Assert.Equal((false, true), (_signal.IsEnd(5), _signal.IsEnd(6)));

        // A poll finds a known position, then a new one. The reader must query although it is there already.
        _signal.NotifyCommitted(6);
        Assert.True(_signal.IsEnd(6));
        _signal.NotifyCommitted(7);
        Assert.False(_signal.IsEnd(7));
        _signal.MarkQuery();
        Assert.True(_signal.IsEnd(7));

        // A hint counts although a wait has taken it.
        _signal.NotifyHint(9);
        await _signal.WaitAsync(7, Cancelled);
        Assert.False(_signal.IsEnd(7));
        _signal.MarkQuery();

        using var cancel = new CancellationTokenSource();
        var waiting = _signal.WaitAsync(7, cancel.Token);
        Assert.True(_signal.IsEnd(7));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(_signal.IsEnd(7));
    }

    [Fact]
    public async Task Partition_is_read_here_while_a_reader_waits_and_for_a_second_after_a_wait_or_a_read()
    {
        Assert.False(_signal.IsReadHere);
        var waiting = _signal.WaitAsync(5, Cancelled);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(_signal.IsReadHere);
        _signal.NotifyCommitted(6);
        await waiting;
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.True(_signal.IsReadHere);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_signal.IsReadHere);
        _signal.MarkRead();
        Assert.True(_signal.IsReadHere);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_signal.IsReadHere);
    }
}
