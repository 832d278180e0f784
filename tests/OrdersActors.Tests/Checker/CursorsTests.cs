using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Judging;

namespace OrdersActors.Tests.Checker;

/// <summary>What a client notices at once.</summary>
public sealed class CursorsTests
{
    [Fact]
    public void A_client_that_resumes_expects_what_follows_what_it_has()
    {
        var cursors = new Cursors(wholeOrganization: false, singleOrders: true);
        cursors.BeginWithAll();
        Assert.Equal("version 1", cursors.Accept(Event(2)));

        Assert.Equal(2, cursors.VersionOf(0));
        Assert.Null(cursors.Accept(Event(3)));
        Assert.Equal("version 4", cursors.Accept(Event(3)));
    }

    [Fact]
    public void A_client_that_does_not_resume_takes_the_first_event_for_the_beginning()
    {
        var cursors = new Cursors(wholeOrganization: true, singleOrders: false);
        Assert.Null(cursors.Accept(Event(5, 50)));
        Assert.Equal("sequence 51", cursors.Accept(Event(6, 52)));

        cursors.Forget();
        Assert.Null(cursors.Accept(Event(9, 90)));
    }

    [Fact]
    public void A_client_with_both_minds_only_versions_that_are_missing()
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
