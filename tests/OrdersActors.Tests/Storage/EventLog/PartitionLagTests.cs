using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class PartitionLagTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PartitionLag _lag;

    public PartitionLagTests() => _lag = new PartitionLag(_time);

    [Fact]
    public void Lag_is_unknown_before_the_checkpoint_is()
    {
        _lag.Commit(5);
        Assert.Null(_lag.Read());
        _lag.Deliver(0);
        Assert.Equal(5, _lag.Read()!.Value.Lag);
    }

    [Fact]
    public void Age_is_that_of_the_oldest_undelivered_event()
    {
        _lag.Deliver(0);
        Commit(1, 10);
        Commit(2, 20);
        Commit(3, 30);
        Assert.Equal((3, 60), Read());
        _lag.Deliver(1);
        Assert.Equal((2, 50), Read());
        _lag.Deliver(3);
        Assert.Equal((0, 0), Read());
    }

    [Fact]
    public void Older_checkpoint_and_older_position_change_nothing()
    {
        Commit(5, 10);
        _lag.Deliver(3);
        _lag.Deliver(1);
        _lag.Commit(4);
        Assert.Equal(new LagReading(5, 3, TimeSpan.FromSeconds(10)), _lag.Read());
    }

    [Fact]
    public void Event_that_was_delivered_before_it_was_known_has_no_lag()
    {
        _lag.Deliver(7);
        Commit(6, 10);
        Assert.Equal((0, 0), Read());
        Commit(8, 10);
        Assert.Equal((1, 10), Read());
    }

    [Fact]
    public void Commits_at_the_same_time_share_an_entry_and_its_age()
    {
        _lag.Deliver(0);
        _lag.Commit(1);
        _time.Advance(PartitionLag.Resolution / 2);
        _lag.Commit(2);
        _lag.Deliver(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1) + (PartitionLag.Resolution / 2), _lag.Read()!.Value.OldestAge);
    }

    [Fact]
    public void Age_stays_that_of_the_oldest_event_however_many_follow()
    {
        _lag.Deliver(0);
        for (var position = 1; position <= 3 * PartitionLag.Capacity; position++)
        {
            Commit(position, 1);
        }

        Assert.Equal((3 * PartitionLag.Capacity, 3 * PartitionLag.Capacity), Read());
        _lag.Deliver(PartitionLag.Capacity - 1);
        Assert.Equal(2 * PartitionLag.Capacity + 1, _lag.Read()!.Value.OldestAge.TotalSeconds);
        _lag.Deliver(3 * PartitionLag.Capacity);
        Assert.Equal((0, 0), Read());
    }

    [Fact]
    public void Nothing_is_known_after_a_new_epoch()
    {
        _lag.Deliver(0);
        Commit(5, 10);
        _lag.Clear();
        Assert.Null(_lag.Read());
        _lag.Deliver(1);
        Commit(2, 10);
        Assert.Equal((1, 10), Read());
    }

    private void Commit(long position, int seconds)
    {
        _lag.Commit(position);
        _time.Advance(TimeSpan.FromSeconds(seconds));
    }

    private (long Lag, double Age) Read() => (_lag.Read()!.Value.Lag, _lag.Read()!.Value.OldestAge.TotalSeconds);
}
