using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteTrimmerTests : IDisposable
{
    private static readonly RetentionLimits Limits = new(TimeSpan.FromDays(30), 10, 3, TimeSpan.FromMinutes(1));

    private readonly SqliteTestDatabase _test = new();
    private readonly FakeTimeProvider _time = new();

    private long Events => (long)_test.Scalar("SELECT count(*) FROM events")!;

    private long Earliest => (long)_test.Scalar("SELECT earliest FROM organizations")!;

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Aged_events_are_removed_from_the_front_and_the_mark_advances_with_them()
    {
        _test.Deliver("shop", "a", "b", "a", "c");
        var result = Trim(Plan(aged: 3));
        Assert.Equal((3, false), (result.Removed, result.IsMore));
        Assert.NotNull(result.OldestKept);
        Assert.Equal((1L, 4L), (Events, Earliest));
    }

    [Fact]
    public void Removing_everything_leaves_no_oldest_event()
    {
        _test.Deliver("shop", "a", "b");
        Assert.Equal(new TrimResult(2, false), Trim(Plan(aged: 2)));
        Assert.Equal((0L, 3L), (Events, Earliest));
    }

    [Fact]
    public void Mark_passes_excess_events_and_removes_those_beyond_their_orders_limit()
    {
        _test.Deliver("shop", [.. Enumerable.Repeat("long", 10), "short", .. Enumerable.Repeat("busy", 10)]);
        var result = Trim(Plan(organizations: [1]));
        Assert.Equal((7, false), (result.Removed, result.IsMore));
        Assert.Equal((14L, 12L), (Events, Earliest));
    }

    [Fact]
    public void Undelivered_event_is_not_passed()
    {
        _test.Deliver("shop", [.. Enumerable.Repeat("a", 5)]);
        _test.Store("shop", [.. Enumerable.Range(0, 20).Select(i => SqliteTestDatabase.Event("a", $"{i}"))]);
        Trim(Plan(organizations: [1]));
        Assert.Equal((20L, 6L), (Events, Earliest));
    }

    [Fact]
    public void Batch_ends_with_the_budget_and_the_next_one_continues()
    {
        _test.Deliver("shop", [.. Enumerable.Repeat("a", 300)]);
        var first = Trim(Plan(aged: 300));
        Assert.Equal((256, true), (first.Removed, first.IsMore));
        var second = Trim(Plan(aged: 300));
        Assert.Equal((44, false), (second.Removed, second.IsMore));
    }

    [Fact]
    public void Batch_on_a_slow_disk_ends_with_its_time_after_one_slice()
    {
        _test.Deliver("shop", [.. Enumerable.Repeat("a", 300)]);
        var budget = new SqliteTrimBudget(_time);
        _time.Advance(TimeSpan.FromMilliseconds(3));
        var result = Trim(Plan(aged: 300), budget);
        Assert.Equal((32, true), (result.Removed, result.IsMore));
    }

    [Fact]
    public async Task Numbers_of_removed_events_are_not_used_again()
    {
        _test.Deliver("shop", "a", "b", "a");
        Trim(Plan(aged: 3));
        Assert.Equal((4L, 3L), _test.Store("shop", SqliteTestDatabase.Event("a", "1")).Select(Numbers).Single());
        using var next = new SqliteAppender(_test.Database.Open());
        next.Begin();
        var append = SqliteTestDatabase.Append("shop", SqliteTestDatabase.Event("b", "2"));
        Assert.Equal(5, next.Append(append));
        next.Commit();
        append.Complete();
        Assert.Equal((5L, 2L), Numbers((await append.Answer)[0]));

        static (long, long) Numbers(OrderEvent e) => (e.Sequence, e.Version);
    }

    [Fact]
    public void Order_whose_newest_event_is_kept_needs_no_write()
    {
        _test.Deliver("shop", "a", "b", "a");
        Trim(Plan(aged: 2));
        Assert.Equal(
            "a 0,b 1",
            _test.Scalar("SELECT group_concat(name || ' ' || version) FROM (SELECT * FROM orders ORDER BY 1, 2)"));
    }

    [Fact]
    public void Spans_of_removed_events_are_removed_and_others_are_kept()
    {
        _test.Deliver("shop", [.. Enumerable.Repeat("a", 600)]);
        var shop = OrganizationPartition.Of("shop", 4);
        var elsewhere = Enumerable.Range(0, 100).Select(i => $"{i}")
            .First(id => OrganizationPartition.Of(id, 4) != shop);
        var other = OrganizationPartition.Of(elsewhere, 4);
        _test.Deliver(elsewhere, [.. Enumerable.Repeat("a", 600)]);
        while (Trim(Plan(aged: 600)).IsMore)
        {
        }

        Assert.Equal(
            (2L, 4L), ((long)_test.Scalar("SELECT min(span) FROM partition_spans")!,
                (long)_test.Scalar("SELECT max(span) FROM partition_spans")!));
        using var reader = new SqliteReader(_test.Database.Open());
        Assert.Equal(0, reader.Newest(shop));
        Assert.Equal(600, reader.Partition("e", other, 0, 1000).Count);
        _test.Store("shop", SqliteTestDatabase.Event("a", "new"));
        Assert.Equal(1201, Assert.Single(reader.Partition("e", shop, 0, 1000)).Position);
    }

    [Fact]
    public void Mark_of_the_time_replaces_old_and_future_marks()
    {
        foreach (var at in new[] { 10L, 20, 30, 99 })
        {
            Trim(Plan(mark: new TimeMark(at, at)));
        }

        Trim(new SqliteTrimPlan(new TimeMark(40, 4), new TimeMark(20, 20), [], [], null));
        Assert.Equal("20,30,40", _test.Scalar("SELECT group_concat(at) FROM (SELECT at FROM time_marks ORDER BY at)"));
    }

    [Fact]
    public void Doubt_of_the_plan_is_in_the_result() => Assert.Equal(
        "a doubt", Trim(new SqliteTrimPlan(null, default, [], [], "a doubt")).UntrustedClock);

    private static SqliteTrimPlan Plan(
        TimeMark? mark = null, long aged = 0, IReadOnlyList<long>? organizations = null) => new(
        mark,
        default,
        aged > 0 ? [new AgedPartition(OrganizationPartition.Of("shop", 4), aged)] : [],
        organizations ?? [],
        null);

    private TrimResult Trim(SqliteTrimPlan plan, SqliteTrimBudget? budget = null)
    {
        _test.Appender.Begin();
        var result = _test.Appender.Trimmer.Trim(plan, Limits, budget ?? new SqliteTrimBudget(_time));
        _test.Appender.Commit();
        return result;
    }
}
