using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Tests.Support;
using static OrdersActors.Tests.Storage.PostgreSql.PostgresTestDatabase;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresWriterTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _closing = new();
    private PostgresTestDatabase? _test;
    private PostgresTransactions? _transactions;
    private PostgresWriter? _writer;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private PostgresTestDatabase Test => _test!;

    public async ValueTask InitializeAsync()
    {
        _test = await CreateAsync(postgres);
        Test.Options.MaxGroupCommit = 3;
        Test.Options.GroupInterval = TimeSpan.Zero;
        _transactions = new PostgresTransactions(
            Test.Appender(), Test.Options, new PostgresOutage(Test.Logger), _time, _closing.Token);
        _writer = new PostgresWriter(0, _transactions, Test.Options, Test.Signal, Test.Epoch, _time);
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            await _transactions!.CloseAsync([_writer]);
            await Test.DisposeAsync();
        }

        _closing.Dispose();
    }

    [Fact]
    public async Task Committed_events_are_announced_before_the_answer()
    {
        await AppendAsync("1");
        Assert.Equal(1, Test.Signal.Newest);
        Assert.Equal([1L], Test.Signal.Tail.Positions);
        Assert.Empty(Test.Logger.Ids);
    }

    [Fact]
    public async Task Waiting_appends_share_transactions_up_to_the_bound()
    {
        Task[] appends;
        await using (var held = await HoldAsync())
        {
            var first = AppendAsync("0");
            await held.WaitedForAsync(1);
            appends = [first, .. Enumerable.Range(1, 4).Select(i => AppendAsync($"{i}"))];
        }

        await Task.WhenAll(appends);
        Assert.Equal(
            "1,3,1",
            await Test.Database.SqlAsync("""
                SELECT string_agg(n::text, ',' ORDER BY first)
                FROM (SELECT count(*) n, min(position) first FROM orders_actors.events GROUP BY xmin::text) transactions
                """));
    }

    [Fact]
    public async Task Append_whose_turn_does_not_come_in_time_is_never_sent()
    {
        Task sent, unsent;
        await using (var held = await HoldAsync())
        {
            sent = AppendAsync("sent");
            await held.WaitedForAsync(1);
            unsent = AppendAsync("unsent");
            _time.Advance(Test.Options.QueueTimeout);
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => unsent);
            Assert.Equal("the event log is unavailable: the append's turn did not come for 4 s", e.Message);
        }

        await sent;
        await AppendAsync("next");
        Assert.Equal("0", await CountAsync("unsent"));
    }

    [Fact]
    public async Task Cancelled_append_is_not_sent_if_its_turn_has_not_come()
    {
        using var cancel = new CancellationTokenSource();
        await using (var held = await HoldAsync())
        {
            _ = AppendAsync("sent");
            await held.WaitedForAsync(1);
            var cancelled = _writer!.AppendAsync(Append("shop", Event("o", "cancelled")), cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        }

        await AppendAsync("next");
        Assert.Equal("0", await CountAsync("cancelled"));
    }

    [Fact]
    public async Task Group_that_takes_too_long_fails_with_all_appends_behind_it_and_is_logged_once()
    {
        await using (var held = await HoldAsync())
        {
            var first = AppendAsync("1");
            await held.WaitedForAsync(1);
            // The turn of the others has come soon enough, but the group before them never ends.
            Test.Options.QueueTimeout = TimeSpan.FromHours(1);
            Task[] failing = [first, AppendAsync("2"), AppendAsync("3")];
            _time.Advance(Test.Options.CommandTimeout + PostgresConnections.CancelTime);
            foreach (var append in failing)
            {
                var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => append);
                Assert.Equal("the event log is unavailable: PostgreSQL does not answer in time", e.Message);
            }

            Assert.Equal([1051], Test.Logger.Ids);
            Assert.Contains("3 appends to the event log failed", Test.Logger.Text, StringComparison.Ordinal);
        }

        await AppendAsync("4");
        Assert.Equal([1051, 1052], Test.Logger.Ids);
    }

    [Fact]
    public async Task Position_that_was_used_before_is_reported_as_rewritten_history()
    {
        Test.Signal.NotifyCommitted(7);
        await AppendAsync("1");
        await using var connection = await Test.Connections.OpenAsync(Cancelled);
        await Test.Epoch.ResolveAsync(connection, Cancelled);
        Assert.Equal([1055, 1056], Test.Logger.Ids);
        Assert.Contains("stored at position 1, but 7 had been reached", Test.Logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_writer_rejects_appends_and_abandons_a_hanging_transaction_when_its_time_is_over()
    {
        await using var held = await HoldAsync();
        var hanging = AppendAsync("1");
        await held.WaitedForAsync(1);
        var disposing = _transactions!.CloseAsync([_writer!]);
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync("2"));
        Assert.False(disposing.IsCompleted);
        await _closing.CancelAsync();
        await disposing;
        var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => hanging);
        Assert.Equal("the event log is unavailable: the server is stopping", e.Message);
    }

    private Task<AppendedEvents> AppendAsync(string id) =>
        _writer!.AppendAsync(Append("shop", Event("o", id)), Cancelled);

    private Task<HeldLock> HoldAsync() => HeldLock.TakeAsync(
        Test.Database.ConnectionString, "SELECT FROM partitions FOR UPDATE");

    private Task<string> CountAsync(string id) => Test.Database.SqlAsync(
        $"SELECT count(*) FROM orders_actors.events WHERE event_id = '{id}'");
}
