using Microsoft.Extensions.Time.Testing;

namespace OrdersActors.Tests.Abstractions;

public sealed class GroupPaceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Single_caller_never_waits()
    {
        var pace = new GroupPace(Interval, _time);
        Assert.Equal(TimeSpan.Zero, pace.MayWait(1));
        pace.Begin(1);
        Assert.Equal(TimeSpan.Zero, pace.MayWait(1));
    }

    [Fact]
    public void Group_waits_for_as_many_appends_as_the_latest_one_had()
    {
        var pace = new GroupPace(Interval, _time);
        pace.Begin(3);
        Assert.Equal(Interval, pace.MayWait(1));
        Assert.Equal(Interval, pace.MayWait(2));
        Assert.Equal(TimeSpan.Zero, pace.MayWait(3));
    }

    [Fact]
    public void Wait_is_counted_from_the_beginning_of_the_latest_group()
    {
        var pace = new GroupPace(Interval, _time);
        pace.Begin(3);
        _time.Advance(TimeSpan.FromMilliseconds(0.5));
        Assert.Equal(TimeSpan.FromMilliseconds(1.5), pace.MayWait(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, pace.MayWait(1));
    }

    [Fact]
    public void Few_items_wait_half_as_long_again()
    {
        var pace = new GroupPace(Interval, _time, few: 3);
        pace.Begin(4);
        Assert.Equal(TimeSpan.FromMilliseconds(3), pace.MayWait(2));
        Assert.Equal(Interval, pace.MayWait(3));
        Assert.Equal(TimeSpan.Zero, pace.MayWait(4));
    }

    [Fact]
    public void Callers_that_leave_are_expected_for_one_group_each()
    {
        var pace = new GroupPace(Interval, _time);
        pace.Begin(3);
        pace.Begin(1);
        Assert.Equal(2, pace.Expected);
        pace.Begin(1);
        Assert.Equal(1, pace.Expected);
        pace.Begin(0);
        Assert.Equal(1, pace.Expected);
    }

    [Fact]
    public void Enough_items_never_wait_for_more()
    {
        var pace = new GroupPace(Interval, _time, enough: 4);
        pace.Begin(100);
        Assert.Equal(Interval, pace.MayWait(3));
        Assert.Equal(TimeSpan.Zero, pace.MayWait(4));
    }

    [Fact]
    public void Zero_interval_never_waits()
    {
        var pace = new GroupPace(TimeSpan.Zero, _time);
        pace.Begin(100);
        Assert.Equal(TimeSpan.Zero, pace.MayWait(1));
    }
}
