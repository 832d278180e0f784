using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Tests.Support;
using static OrdersActors.Tests.Storage.PostgreSql.PostgresTestDatabase;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresTransactionsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Partitions = 3;

    // One organization of each partition.
    private static readonly string[] Organizations =
    [
        .. Enumerable.Range(0, Partitions).Select(partition => Enumerable.Range(0, 100).Select(i => $"shop-{i}")
            .First(name => OrganizationPartition.Of(name, Partitions) == partition)),
    ];

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _closing = new();
    private PostgresTestDatabase? _test;
    private PostgresTransactions? _transactions;
    private PostgresWriter[] _writers = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private PostgresTestDatabase Test => _test!;

    public async ValueTask InitializeAsync()
    {
        _test = await CreateAsync(postgres, Partitions);
        Test.Options.AppendConnections = 1;
        Test.Options.GroupInterval = TimeSpan.Zero;
        Array.ForEach(Test.Signals, signal => signal.MarkRead());
    }

    public async ValueTask DisposeAsync()
    {
        if (_transactions is not null)
        {
            await _transactions.CloseAsync(_writers);
            await Test.DisposeAsync();
        }

        _closing.Dispose();
    }

    [Fact]
    public async Task Appends_of_several_partitions_that_wait_for_a_connection_share_a_transaction()
    {
        Start();
        Task<AppendedEvents>[] waiting;
        await using (var held = await HoldAsync(0))
        {
            var first = AppendAsync(0, "0");
            await held.WaitedForAsync(1);
            waiting = [first, AppendAsync(0, "1"), AppendAsync(1, "1"), AppendAsync(1, "2"), AppendAsync(2, "1")];
        }

        var stored = await Task.WhenAll(waiting);
        Assert.Equal([1L, 2L, 1L, 2L, 1L], stored.Select(events => events.Single().Sequence));
        Assert.Equal("1,4", await TransactionsAsync());
        Assert.Equal([2L, 2L, 1L], Test.Signals.Select(signal => signal.Newest));
        // Each partition's reader finds its own events in memory.
        Assert.Equal(
            [1L, 2L], Test.Signals[1].Recent.Read(0, 10, Test.Epoch.Current)!.Select(entry => entry.Position));
    }

    [Fact]
    public async Task Partition_that_another_process_reads_has_transactions_of_its_own()
    {
        Test.Signals[1] = new PartitionSignal(0, TimeProvider.System);
        Start();
        Task[] waiting;
        await using (var held = await HoldAsync(0))
        {
            var first = AppendAsync(0, "0");
            await held.WaitedForAsync(1);
            waiting = [first, AppendAsync(0, "1"), AppendAsync(1, "1"), AppendAsync(2, "1")];
        }

        await Task.WhenAll(waiting);
        // The first partition's second event is behind the others, because its writer was in a transaction.
        Assert.Equal("1,1,2", await TransactionsAsync());
    }

    [Fact]
    public async Task Partition_to_which_another_process_appends_does_not_hold_up_the_others()
    {
        Test.Options.AppendConnections = 2;
        Start();
        Task waiting;
        await using (var held = await HoldAsync(1))
        {
            Task<AppendedEvents>[] others;
            await using (var first = await HoldAsync(2))
            {
                _ = AppendAsync(2, "0");
                await first.WaitedForAsync(1);
                _ = AppendAsync(1, "0");
                await held.WaitedForAsync(1);
                // They wait for a connection, and then share a transaction.
                others = [AppendAsync(0, "1"), AppendAsync(2, "1")];
            }

            await Task.WhenAll(others);
            waiting = AppendAsync(1, "1");
            Assert.False(waiting.IsCompleted);
        }

        await waiting;
    }

    [Fact]
    public async Task Busy_partition_leaves_a_shared_transaction_and_gets_its_own()
    {
        Start();
        Task<AppendedEvents> busy;
        await using (var held = await HoldAsync(1))
        {
            Task first;
            Task<AppendedEvents> other;
            await using (var before = await HoldAsync(0))
            {
                first = AppendAsync(0, "0");
                await before.WaitedForAsync(1);
                (busy, other) = (AppendAsync(1, "1"), AppendAsync(2, "1"));
            }

            await first;
            Assert.Equal(1, (await other).Single().Sequence);
            await held.WaitedForAsync(1);
            Assert.False(busy.IsCompleted);
            Assert.Equal("1,1", await TransactionsAsync());
        }

        Assert.Equal(1, (await busy).Single().Version);
        Assert.Equal("1,1,1", await Test.Database.SqlAsync(
            "SELECT string_agg(position::text, ',') FROM orders_actors.partitions"));
    }

    [Fact]
    public async Task Callers_that_append_at_the_same_time_wait_for_each_other()
    {
        Test.Options.GroupInterval = TimeSpan.FromMinutes(1);
        Start();
        Task[] two;
        await using (var held = await HoldAsync(0))
        {
            var first = AppendAsync(0, "0");
            await held.WaitedForAsync(1);
            two = [first, AppendAsync(1, "1"), AppendAsync(2, "1")];
        }

        await Task.WhenAll(two);
        var third = AppendAsync(1, "2");
        Assert.False(third.IsCompleted);
        // As many wait as were in the latest transaction.
        await Task.WhenAll(third, AppendAsync(2, "2"));
        Assert.Equal("1,2,2", await TransactionsAsync());
        // After the interval a transaction begins at once.
        _time.Advance(Test.Options.GroupInterval);
        await AppendAsync(1, "3");
    }

    [Fact]
    public async Task Transaction_with_many_events_leaves_the_other_partitions_to_the_next_connection()
    {
        Test.Options.AppendConnections = 2;
        Start();
        Task[] many;
        await using (var second = await HoldAsync(2))
        await using (var first = await HoldAsync(0))
        {
            Task[] before = [AppendAsync(0, "0")];
            await first.WaitedForAsync(1);
            before = [.. before, AppendAsync(2, "0")];
            await second.WaitedForAsync(1);
            // Both connections are busy. The writers of partitions 0 and 2 are in their transactions.
            many = [.. before, .. Enumerable.Range(1, 25).SelectMany(
                id => Enumerable.Range(0, Partitions).Select(partition => AppendAsync(partition, $"{id}")))];
        }

        await Task.WhenAll(many);
        var transactions = (await TransactionsAsync()).Split(',');
        Assert.Equal(["1", "1", "25", "25", "25"], transactions.Order());
    }

    [Fact]
    public async Task Failure_of_a_shared_transaction_fails_all_of_its_partitions_and_is_logged_once()
    {
        Start();
        await Test.Database.SqlAsync("ALTER TABLE orders_actors.events RENAME TO other");
        Task[] appends;
        await using (var held = await HoldAsync(0))
        {
            var first = AppendAsync(0, "0");
            await held.WaitedForAsync(1);
            appends = [first, AppendAsync(1, "1"), AppendAsync(2, "1")];
        }

        foreach (var append in appends)
        {
            await Assert.ThrowsAsync<EventLogUnavailableException>(() => append);
        }

        Assert.Equal([1051], Test.Logger.Ids);
        await Test.Database.SqlAsync("ALTER TABLE orders_actors.other RENAME TO events");
        await AppendAsync(0, "0");
        await AppendAsync(1, "1");
        Assert.Equal([1051], Test.Logger.Ids);
        await AppendAsync(2, "1");
        Assert.Equal([1051, 1052], Test.Logger.Ids);
        Assert.Contains("after 3 failed appends", Test.Logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Close_stores_what_waits()
    {
        Start();
        Task closing;
        Task<AppendedEvents>[] appends;
        await using (var held = await HoldAsync(0))
        {
            var first = AppendAsync(0, "0");
            await held.WaitedForAsync(1);
            appends = [first, AppendAsync(0, "1"), AppendAsync(1, "1")];
            closing = _transactions!.CloseAsync(_writers);
            Assert.False(closing.IsCompleted);
        }

        await closing;
        Assert.Equal([1L, 2L, 1L], (await Task.WhenAll(appends)).Select(events => events.Single().Sequence));
    }

    private void Start()
    {
        _transactions = new PostgresTransactions(
            Test.Appender(), Test.Options, new PostgresOutage(Test.Logger), _time, _closing.Token);
        _writers =
        [
            .. Enumerable.Range(0, Partitions).Select(partition => new PostgresWriter(
                partition, _transactions, Test.Options, Test.Signals[partition], Test.Epoch, _time)),
        ];
    }

    private Task<AppendedEvents> AppendAsync(int partition, string id) => _writers[partition].AppendAsync(
        PendingAppend.Create(Organizations[partition], Partitions, [Event("o", id)], Cancelled), Cancelled);

    private Task<HeldLock> HoldAsync(int partition) => HeldLock.TakeAsync(
        Test.Database.ConnectionString, $"SELECT FROM partitions WHERE partition = {partition} FOR UPDATE");

    /// <summary>The number of events of each transaction, in the order of the commits.</summary>
    private Task<string> TransactionsAsync() => Test.Database.SqlAsync("""
        SELECT string_agg(n::text, ',' ORDER BY transaction)
        FROM (SELECT count(*) n, xmin::text::bigint transaction FROM orders_actors.events GROUP BY xmin::text) grouped
        """);
}
