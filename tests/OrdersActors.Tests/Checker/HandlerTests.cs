using OrdersActors.Checker;
using OrdersActors.Checker.Clients;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Libraries;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Tests.Checker;

/// <summary>What a handler of a client library got, and what the judge says about it.</summary>
public sealed class HandlerTests
{
    private readonly SyntheticRun _run = new() { Epoch = "one" };
    private readonly List<CounterExample> _seen = [];
    private readonly LibraryCounts _counts = new("library");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Handler_that_got_everything_once_and_in_order_is_green(bool ofOrder)
    {
        var handler = Create(ofOrder ? 0 : null);
        Receive(handler, ofOrder, from: 1);

        Assert.True(handler.HasReachedEnd(new History(_run.Evidence)));
        Assert.Null(Verdict(handler));
        Assert.Equal(ofOrder ? 4 : 6, _counts.ReceivedCount);
    }

    [Theory]
    [InlineData(new[] { 1, 2, 4 }, "sequence 3", "sequence 4")]
    [InlineData(new[] { 1, 2, 2 }, "sequence 3", "sequence 2")]
    [InlineData(new[] { 2 }, "sequence 1", "sequence 2")]
    public void Event_that_is_not_the_next_one_is_red_at_once(int[] sequences, string expected, string got)
    {
        var handler = Create(null);
        foreach (var sequence in sequences)
        {
            Receive(handler, sequence);
        }

        Assert.Equal((expected, got), (Assert.Single(_seen).Expected, _seen[0].Got));
    }

    [Fact]
    public void Event_of_another_organization_is_red_at_once()
    {
        var handler = Create(0);
        handler.Received(new EventMessage("e", "shop-1", "order-0", 1, 0, 0), "one");

        Assert.Equal("events of shop-0", Assert.Single(_seen).Expected);
    }

    [Theory]
    [InlineData(HandlerStart.Beginning)]
    [InlineData(HandlerStart.Newest)]
    [InlineData(HandlerStart.Next)]
    internal void Handler_that_got_nothing_is_red(HandlerStart start)
    {
        var handler = Create(null, start);

        Assert.False(handler.HasReachedEnd(new History(_run.Evidence)));
        Assert.NotNull(Verdict(handler));
    }

    [Fact]
    public void Handler_that_lacks_the_last_event_is_red()
    {
        var handler = Create(0, HandlerStart.Newest);
        ReceiveOrder(handler, 3);

        Assert.False(handler.HasReachedEnd(new History(_run.Evidence)));
        Assert.Equal("version 4 in the end", Verdict(handler)?.Expected);
    }

    [Fact]
    public void Handler_of_the_newest_event_begins_anywhere_and_continues_from_there()
    {
        var handler = Create(0, HandlerStart.Newest);
        ReceiveOrder(handler, 3);
        ReceiveOrder(handler, 4);

        Assert.Null(Verdict(handler));
    }

    [Fact]
    public void Handler_of_the_next_event_begins_after_the_confirmed_number()
    {
        var handler = Create(0, HandlerStart.Next);
        handler.Confirmed(2, "one");
        ReceiveOrder(handler, 4);

        Assert.Equal("version 3", Assert.Single(_seen).Expected);
    }

    [Fact]
    public void Content_that_was_not_published_is_red()
    {
        var handler = Create(0, HandlerStart.Newest);
        handler.Received(new EventMessage("e", "shop-0", "order-0", 4, 0, 999), "one");

        Assert.Equal("version 4 as it was published", Verdict(handler)?.Expected);
    }

    [Fact]
    public void Rewritten_history_is_judged_after_the_gap_only()
    {
        var handler = Create(null, losesCommits: true);
        handler.Received(new EventMessage("lost", "shop-0", "order-0", 1, 1, 999), "zero");
        handler.Gap(2, 1, isRewritten: true, "one");
        Receive(handler, ofOrder: false, from: 1);

        Assert.Null(Verdict(handler));
        Assert.Equal(1, _counts.GapCount);
    }

    [Fact]
    public void Server_may_learn_after_a_gap_that_the_epoch_has_ended()
    {
        var handler = Create(null, losesCommits: true);
        handler.Received(new EventMessage("lost", "shop-0", "order-0", 1, 1, 999), "zero");
        handler.Gap(2, 1, isRewritten: true, "zero");
        handler.Received(new EventMessage("e-1", "shop-0", "order-0", 1, 1, 1), "zero");
        handler.Gap(2, 1, isRewritten: true, "one");
        Receive(handler, ofOrder: false, from: 1);

        Assert.Null(Verdict(handler));
    }

    [Fact]
    public void Events_that_come_twice_in_one_epoch_are_red()
    {
        var handler = Create(null, losesCommits: true);
        Receive(handler, ofOrder: false, from: 1);
        handler.Gap(7, 1, isRewritten: true, "one");
        Receive(handler, ofOrder: false, from: 1);

        Assert.Equal("version 5", Verdict(handler)?.Expected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Handler_that_does_not_get_everything_after_a_gap_is_red(int from)
    {
        var handler = Create(null, losesCommits: true);
        handler.Received(new EventMessage("lost", "shop-0", "order-0", 1, 1, 999), "zero");
        handler.Gap(2, 1, isRewritten: true, "one");
        Assert.False(handler.HasReachedEnd(new History(_run.Evidence)));
        for (var sequence = from; sequence <= 5; sequence++)
        {
            Receive(handler, sequence);
        }

        Assert.NotNull(Verdict(handler));
    }

    [Fact]
    public void Events_of_a_new_history_without_a_gap_are_red_at_once()
    {
        var handler = Create(null, losesCommits: true);
        handler.Received(new EventMessage("lost", "shop-0", "order-0", 1, 1, 999), "zero");
        Receive(handler, 2);

        Assert.StartsWith("a gap before events", Assert.Single(_seen).Expected, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, true, 2, 1, "one")] // Nothing was lost in this run.
    [InlineData(true, false, 2, 1, "one")] // Nothing is trimmed.
    [InlineData(true, true, 1, 1, "one")] // It has number 1.
    [InlineData(true, true, 2, 2, "one")] // Number 1 is kept.
    [InlineData(true, true, 2, 1, null)] // Nobody knows which history follows.
    public void Wrong_gap_is_red_at_once(bool losesCommits, bool isRewritten, long from, long earliest, string? epoch)
    {
        var handler = Create(null, losesCommits: losesCommits);
        handler.Received(new EventMessage("lost", "shop-0", "order-0", 1, 1, 999), "zero");
        handler.Gap(from, earliest, isRewritten, epoch);

        Assert.Single(_seen);
    }

    [Fact]
    public void Handler_that_the_library_ended_is_red_at_once()
    {
        Create(0).Ended("access_denied");

        Assert.Equal("ended with access_denied", Assert.Single(_seen).Got);
    }

    private Handler Create(int? order, HandlerStart start = HandlerStart.Beginning, bool losesCommits = false)
    {
        var plan = new LibraryPlan(
            "client", _run.Map.Shops[0], Credential.None, Variant: false, [new HandlerPlan(order, start)]);
        var environment = new ClientEnvironment(
            new FrontEnds([]), _run.Map, new RunCounts(), new CheckOptions { LoseCommits = losesCommits ? 2 : 0 },
            _seen.Add, CancellationToken.None, CancellationToken.None);
        return new Handler(plan, 0, environment, _counts);
    }

    /// <summary>The verdict at the end of the run.</summary>
    private CounterExample? Verdict(Handler handler)
    {
        handler.Finish();
        _run.Add(handler.Record);
        return _seen.FirstOrDefault() ?? _run.Verdict;
    }

    private void Receive(Handler handler, bool ofOrder, int from)
    {
        for (var number = from; number <= (ofOrder ? 4 : 6); number++)
        {
            if (ofOrder)
            {
                ReceiveOrder(handler, number);
            }
            else
            {
                Receive(handler, number);
            }
        }
    }

    private void Receive(Handler handler, int sequence)
    {
        var e = _run.Truth[0][sequence - 1];
        handler.Received(
            new EventMessage(e.Id, "shop-0", _run.Map.IdOf(e.Order), e.Version, e.Sequence, e.Content), "one");
    }

    private void ReceiveOrder(Handler handler, int version)
    {
        var e = _run.Truth[0].Single(e => e.Order == 0 && e.Version == version);
        handler.Received(new EventMessage(e.Id, "shop-0", "order-0", e.Version, 0, e.Content), "one");
    }
}
