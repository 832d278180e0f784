using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Judging;

namespace OrdersActors.Tests.Checker;

/// <summary>The violations that a client notices at once.</summary>
public sealed class CursorsTests
{
    [Fact]
    public void Resuming_client_expects_the_event_after_its_last_one()
    {
        var cursors = new Cursors(wholeOrganization: false, singleOrders: true);
        cursors.BeginWithAll();
        Assert.Equal("version 1", cursors.Accept(Event(2)));

        Assert.Equal(2, cursors.VersionOf(0));
        Assert.Null(cursors.Accept(Event(3)));
        Assert.Equal("version 4", cursors.Accept(Event(3)));
    }

    [Fact]
    public void Client_that_does_not_resume_begins_with_the_first_event_it_receives()
    {
        var cursors = new Cursors(wholeOrganization: true, singleOrders: false);
        Assert.Null(cursors.Accept(Event(5, 50)));
        Assert.Equal("sequence 51", cursors.Accept(Event(6, 52)));

        cursors.Forget();
        Assert.Null(cursors.Accept(Event(9, 90)));
    }

    [Fact]
    public void Client_with_both_kinds_of_subscriptions_reports_only_missing_versions()
    {
        var cursors = new Cursors(wholeOrganization: true, singleOrders: true);
        cursors.BeginWithAll();
        Assert.Null(cursors.Accept(Event(1)));
        Assert.Null(cursors.Accept(Event(1, 10)));
        Assert.Equal("version 2", cursors.Accept(Event(3, 30)));
        Assert.Equal(30, cursors.Sequence);
    }

    private static Receipt Event(long version, long sequence = 0) => new(0, version, sequence, 0);
}
