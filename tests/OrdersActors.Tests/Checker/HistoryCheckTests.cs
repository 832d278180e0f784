using OrdersActors.Checker.Judging;

namespace OrdersActors.Tests.Checker;

/// <summary>The judge's verdicts about the log itself.</summary>
public sealed class HistoryCheckTests
{
    private readonly SyntheticRun _run = new();

    private List<TruthEvent> History => _run.Truth[0];

    [Fact]
    public void Acknowledged_event_that_is_not_stored_is_red()
    {
        _run.Published.Add(new LedgerEvent("e-x", 1, 1, 99, 2, 1) { Outcome = Outcome.Acknowledged });
        Red("publisher 2", "shop-1", "e-x, which was acknowledged, in the log", "nothing");
    }

    [Fact]
    public void Event_with_unknown_outcome_may_be_stored_or_not()
    {
        _run.Published.Add(new LedgerEvent("e-x", 1, 1, 99, 2, 1));
        _run.Published[3].Outcome = Outcome.Unknown;
        Assert.Null(_run.Verdict);
    }

    [Fact]
    public void Gap_in_the_sequence_is_red()
    {
        History.RemoveAt(2);
        Red("the log", "shop-0", "sequence 3", "sequence 4");
    }

    [Fact]
    public void Gap_in_the_versions_is_red()
    {
        History[3] = History[3] with { Version = 4 };
        Red("the log", "shop-0/order-0", "version 3", "version 4");
    }

    [Fact]
    public void Refused_event_in_the_log_is_red()
    {
        _run.Published[4] = _run.Published[4] with { IsBad = true };
        Red("the log", "shop-0", "e-5 not in the log, because it breaks a rule", "e-5 as sequence 5");
    }

    [Fact]
    public void Acknowledged_bad_event_is_red()
    {
        _run.Published.Add(new LedgerEvent("e-x", 1, 1, 99, 2, 1) { IsBad = true, Outcome = Outcome.Acknowledged });
        Red("publisher 2", "shop-1", "e-x to be refused", "e-x acknowledged");
    }

    [Fact]
    public void Answer_with_other_numbers_than_the_logs_is_red()
    {
        _run.Published[4].Answer = new PublishedEvent("e-5", 2, 5, IsRepeat: false);
        Assert.Null(_run.Verdict);
        _run.Published[4].Answer = new PublishedEvent("e-5", 3, 5, IsRepeat: false);
        Red("publisher 0", "shop-0", "e-5 answered as version 2, sequence 5", "e-5, version 3, sequence 5");
    }

    [Fact]
    public void Event_that_nobody_published_is_red()
    {
        History[1] = History[1] with { Id = "e-x" };
        Red("the log", "shop-0", "only published events", "e-x, which nobody published");
    }

    [Fact]
    public void Event_stored_twice_is_red()
    {
        History.Add(History[0] with { Version = 5, Sequence = 7 });
        Red("the log", "shop-0", "e-1 once", "e-1 again as sequence 7");
    }

    [Fact]
    public void Altered_content_is_red()
    {
        History[1] = History[1] with { Content = 99 };
        Red("the log", "shop-0", "e-2 as it was published", "different content in sequence 2");
    }

    [Fact]
    public void Events_of_a_publisher_out_of_order_are_red()
    {
        (History[0], History[1]) =
            (History[1] with { Version = 1, Sequence = 1 }, History[0] with { Version = 2, Sequence = 2 });
        Red("publisher 0", "shop-0", "its events in the order of its counter, after 2", "counter 1");
    }

    private void Red(string who, string scope, string expected, string got) =>
        Assert.Equal(new CounterExample(who, scope, expected, got), _run.Verdict);
}
