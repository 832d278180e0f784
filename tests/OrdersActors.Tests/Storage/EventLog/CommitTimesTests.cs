using OrdersActors.Storage.EventLog;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class CommitTimesTests
{
    private readonly CommitTimes _times = new();

    [Fact]
    public void Event_has_the_time_of_its_commit()
    {
        _times.Add(after: 10, position: 12, time: 100);
        _times.Add(after: 12, position: 13, time: 200);
        _times.Add(after: 13, position: 20, time: 300);
        Assert.Equal([0L, 100, 100, 200, 300, 300, 0], Find(10, 11, 12, 13, 14, 20, 21));
    }

    [Fact]
    public void Commit_without_a_time_or_out_of_order_is_ignored()
    {
        _times.Add(after: 10, position: 12, time: 0);
        Assert.Equal([0L, 0], Find(11, 12));
        _times.Add(after: 12, position: 12, time: 100);
        Assert.Equal([0L], Find(12));
        _times.Add(after: 12, position: 14, time: 200);
        _times.Add(after: 14, position: 13, time: 300);
        Assert.Equal([200L, 200, 0], Find(13, 14, 15));
    }

    [Fact]
    public void Event_of_a_forgotten_commit_has_the_time_of_the_oldest_known_one()
    {
        for (var position = 1; position <= CommitTimes.Capacity + 10; position++)
        {
            _times.Add(position - 1, position, 1000 + position);
        }

        Assert.Equal([0L, 1011, 1011, 1012], Find(0, 1, 11, 12));
        Assert.Equal([1010L + CommitTimes.Capacity], Find(10 + CommitTimes.Capacity));
    }

    [Fact]
    public void Cleared_times_begin_again()
    {
        _times.Add(after: 10, position: 12, time: 100);
        _times.Clear();
        Assert.Equal([0L], Find(12));
        _times.Add(after: 0, position: 2, time: 200);
        Assert.Equal([200L, 200, 0], Find(1, 2, 3));
    }

    private long[] Find(params long[] positions) => Array.ConvertAll(positions, _times.Find);
}
