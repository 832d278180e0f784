using OrdersActors.Checker.Judging;

namespace OrdersActors.Tests.Checker;

/// <summary>The judge's rules for a log that came back without its last commits.</summary>
public sealed class RewrittenHistoryTests
{
    private readonly SyntheticRun _run = new() { Epoch = "second" };

    [Fact]
    public void An_acknowledged_event_may_be_gone_if_its_commit_lies_between_copy_and_return()
    {
        Lose(startedAt: 5, settledAt: 6);
        _run.Rewrites.Add(new Rewrite(Copied: 4, Restored: 8));
        Assert.Null(_run.Verdict);
    }

    [Theory]
    [InlineData(5, 6, 6, 8)] // answered before the copy
    [InlineData(5, 6, 2, 5)] // published after the return
    public void An_acknowledged_event_may_not_be_gone_otherwise(long startedAt, long settledAt, long copied, long restored)
    {
        Lose(startedAt, settledAt);
        _run.Rewrites.Add(new Rewrite(copied, restored));
        Assert.Equal("lost, which was acknowledged, in the log", _run.Verdict?.Expected);
    }

    [Fact]
    public void A_client_that_began_again_is_judged_by_its_connections_in_the_last_epoch()
    {
        var client = _run.Client(resumes: true, organization: true);
        SyntheticRun.Connect(client, epoch: "first");
        _run.Receive(client, 1, 2);
        client.Receipts.Add(new Receipt(0, 9, 9, 999));
        SyntheticRun.Connect(client, epoch: "second");
        _run.Receive(client, 1, 2, 3, 4, 5, 6);
        Assert.Null(_run.Verdict);
    }

    [Fact]
    public void A_client_that_went_on_with_numbers_of_the_lost_past_is_red()
    {
        var client = _run.Client(resumes: true, organization: true);
        SyntheticRun.Connect(client, epoch: "second");
        _run.Receive(client, 1, 2);
        client.Receipts.Add(new Receipt(0, 3, 3, 999));
        SyntheticRun.Connect(client, after: 3, epoch: "second");
        _run.Receive(client, 4, 5, 6);
        Assert.NotNull(_run.Verdict);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_connection_that_outlives_its_history_is_red(bool resumes)
    {
        var client = _run.Client(resumes, organization: true);
        SyntheticRun.Connect(client, epoch: "first");
        _run.Receive(client, 1, 2, 3, 4, 5, 6);
        Assert.StartsWith("its connection to be closed", _run.Verdict?.Expected, StringComparison.Ordinal);
    }

    private void Lose(long startedAt, long settledAt) => _run.Published.Add(new PublishedEvent("lost", 0, 0, 1, 1, 1)
    {
        StartedAt = startedAt,
        SettledAt = settledAt,
        Outcome = Outcome.Acknowledged,
    });
}
