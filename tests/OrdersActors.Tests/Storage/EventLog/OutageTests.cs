using OrdersActors.Storage.EventLog;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class OutageTests
{
    private readonly Outage _outage = new();

    [Fact]
    public void Failure_is_logged_once_per_reason_and_the_first_success_once_with_the_number_of_failures()
    {
        Assert.Null(_outage.Succeed());
        Assert.True(_outage.Fail("the disk is full"));
        Assert.False(_outage.Fail("the disk is full", 10));
        Assert.True(_outage.Fail("the database is read-only"));
        Assert.False(_outage.Fail("the disk is full"));
        Assert.Equal(13, _outage.Succeed());
        Assert.Null(_outage.Succeed());
    }

    [Fact]
    public void Next_outage_is_logged_again()
    {
        Assert.True(_outage.Fail());
        Assert.Equal(1, _outage.Succeed());
        Assert.True(_outage.Fail());
        Assert.Equal(1, _outage.Succeed());
    }

    [Fact]
    public void Outage_of_several_sources_ends_with_the_success_of_the_last_one()
    {
        Assert.True(_outage.Fail("hanging", source: 1));
        Assert.False(_outage.Fail("hanging", source: 2));
        Assert.Null(_outage.Succeed(1));
        Assert.Null(_outage.Succeed(3));
        Assert.False(_outage.Fail("hanging", source: 1));
        Assert.Null(_outage.Succeed(2));
        Assert.Equal(3, _outage.Succeed(1));
    }
}
