using OrdersActors.Grains.Observers;

namespace OrdersActors.Tests.Grains.Observers;

public sealed class PendingEventsTests
{
    private const int Large = 64 * 1024;

    [Fact]
    public void Small_events_are_bounded_by_their_number()
    {
        var pending = new PendingEvents(10, long.MaxValue);
        Add(pending, 1, 25, 300);
        Assert.Equal(Numbers(16, 25), pending.Take().Select(e => e.Version));
        Assert.Equal((0, 0L), (pending.Count, pending.Bytes));
    }

    [Fact]
    public void Large_events_are_bounded_by_their_bytes()
    {
        var pending = new PendingEvents(4096, 1024 * 1024);
        Add(pending, 1, 1000, Large);
        Assert.InRange(pending.Bytes, 15 * Large, 1024 * 1024);
        Assert.Equal(Numbers(986, 1000), pending.Take().Select(e => e.Version));
    }

    [Fact]
    public void Newest_event_is_kept_whatever_its_size()
    {
        var pending = new PendingEvents(4096, 1000);
        Add(pending, 1, 3, Large);
        Assert.Equal([3L], pending.Take().Select(e => e.Version));
    }

    [Fact]
    public void One_call_takes_no_more_than_its_bounds_and_at_least_one_event()
    {
        var pending = new PendingEvents(10_000, long.MaxValue);
        Add(pending, 1, 600, 10);
        Assert.Equal(512, pending.Take().Length);
        Assert.Equal(88, pending.Take().Length);
        Add(pending, 1, 100, Large);
        Assert.Equal(15, pending.Take().Length);
        pending.Clear();
        Add(pending, 1, 2, 3 * 1024 * 1024);
        Assert.Single(pending.Take());
    }

    [Fact]
    public void All_events_except_the_newest_can_be_dropped()
    {
        var pending = new PendingEvents(100, long.MaxValue);
        Add(pending, 1, 50, 10);
        pending.KeepNewest();
        Assert.Equal([50L], pending.Take().Select(e => e.Version));
        Assert.Equal(0, pending.Bytes);
    }

    private static void Add(PendingEvents pending, int first, int last, int bytes)
    {
        for (var n = first; n <= last; n++)
        {
            pending.Add(new EncodedOrderEvent("o", n, n, new byte[bytes]));
        }
    }
}
