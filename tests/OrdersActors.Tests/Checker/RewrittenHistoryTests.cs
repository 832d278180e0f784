using OrdersActors.Checker.Judging;

namespace OrdersActors.Tests.Checker;

/// <summary>The judge's rules for a log that lost its last commits.</summary>
public sealed class RewrittenHistoryTests
{
    private readonly SyntheticRun _run = new() { Epoch = "second" };

    [Fact]
    public void Acknowledged_event_may_be_lost_if_its_commit_lies_between_copy_and_restore()
    {
        Lose(startedAt: 5, settledAt: 6);
        _run.Rewrites.Add(new Rewrite(Copied: 4, Restored: 8));
        Assert.Null(_run.Verdict);
    }

    [Theory]
    [InlineData(5, 6, 6, 8)] // Answered before the copy.
    [InlineData(5, 6, 2, 5)] // Published after the restore.
    public void Acknowledged_event_may_not_be_lost_otherwise(long startedAt, long settledAt, long copied, long restored)
    {
        Lose(startedAt, settledAt);
        _run.Rewrites.Add(new Rewrite(copied, restored));
        Assert.Equal("lost, which was acknowledged, in the log", _run.Verdict?.Expected);
    }

    [Fact]
    public void Client_that_started_again_is_judged_by_its_connections_in_the_last_epoch()
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
    public void Client_that_continued_with_numbers_of_the_lost_history_is_red()
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
    public void Connection_that_outlives_its_history_is_red(bool resumes)
    {
        var client = _run.Client(resumes, organization: true);
        SyntheticRun.Connect(client, epoch: "first");
        _run.Receive(client, 1, 2, 3, 4, 5, 6);
        Assert.StartsWith("its connection to be closed", _run.Verdict?.Expected, StringComparison.Ordinal);
    }

    private void Lose(long startedAt, long settledAt) => _run.Published.Add(new LedgerEvent("lost", 0, 0, 1, 1, 1)
    {
        StartedAt = startedAt,
        SettledAt = settledAt,
        Outcome = Outcome.Acknowledged,
    });
}
