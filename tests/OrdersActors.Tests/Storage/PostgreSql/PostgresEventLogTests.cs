using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Storage.EventLog;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresEventLogTests : EventLogContract
{
    private readonly PostgresEventLogHarness _harness;

    public PostgresEventLogTests(PostgresFixture postgres)
        : this(new PostgresEventLogHarness(postgres))
    {
    }

    private PostgresEventLogTests(PostgresEventLogHarness harness)
        : base(harness) => _harness = harness;

    private PostgresDatabase Database => _harness.Database;

    private PostgresStorageOptions Options => _harness.Options;

    private RecordingLogger<PostgresEventLog> Logger => _harness.Logger;

    [Fact]
    public async Task Close_commits_waiting_appends_and_refuses_later_ones()
    {
        var waiting = Enumerable.Range(0, 100).Select(_ => AppendAsync("shop", "o-1")).ToArray();
        var log = Log;
        await CloseAsync();
        await Task.WhenAll(waiting);
        await Assert.ThrowsAsync<EventLogUnavailableException>(
            () => log.AppendAsync("shop", [Event("o-1", "late", "s")], Cancelled));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => log.GetOrderHeadAsync("shop", "o-1", Cancelled));
        await ReopenAsync();
        Assert.Equal(100, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
    }

    [Fact]
    public async Task Number_of_partitions_never_changes()
    {
        await CloseAsync();
        var options = Options;
        options.PartitionCount = 9;
        await using var log = await PostgresEventLog.OpenAsync(options, Time, Logger, Cancelled);
        Assert.Equal(8, log.PartitionCount);
        Assert.Equal([1050], Logger.Ids);
    }

    [Fact]
    public async Task Related_appends_in_one_transaction_are_checked_in_order()
    {
        // They wait while the partition is locked, and are committed together.
        var shops = Enumerable.Range(0, 1000).Select(i => $"shop-{i}")
            .Where(shop => Log.PartitionOf(shop) == Log.PartitionOf("a")).Take(2).ToArray();
        await Log.AppendAsync(shops[0], [Event("mine", "taken", "s")], Cancelled);
        Task<AppendedEvents>[] appends;
        await using (var held = await HoldAsync(
            $"SELECT FROM partitions WHERE partition = {Log.PartitionOf("a")} FOR UPDATE"))
        {
            _ = AppendAsync("a", "other");
            await held.WaitedForAsync(1);
            appends =
            [
                // This append is refused, so it uses neither the order nor the other id.
                Log.AppendAsync(shops[0], [Event("mine", "e-1", "s"), Event("mine", "taken", "other")], Cancelled),
                Log.AppendAsync(shops[1], [Event("mine", "e-1", "s")], Cancelled),
                Log.AppendAsync(shops[0], [Event("mine", "e-3", "s")], Cancelled),
                // This append is refused, because its id belongs to the previous append.
                Log.AppendAsync(shops[0], [Event("mine", "e-3", "other")], Cancelled),
                Log.AppendAsync(shops[1], [Event("mine", "e-1", "s"), Event("mine", "e-4", "s")], Cancelled),
                Log.AppendAsync(shops[0], [Event("own", "e-1", "s"), Event("own", "e-2", "s")], Cancelled),
            ];
        }

        Assert.Equal((1, "status"), await Conflict(appends[0]));
        Assert.Equal(1, (await appends[1])[0].Version);
        Assert.Equal(2, (await appends[2])[0].Version);
        Assert.Equal((0, "status"), await Conflict(appends[3]));
        Assert.Equal([1L, 2L], (await appends[4]).Select(e => e.Version));
        Assert.Equal([3L, 4L], (await appends[5]).Select(e => e.Sequence));

        static async Task<(int Index, string Field)> Conflict(Task append)
        {
            var e = await Assert.ThrowsAsync<EventConflictException>(() => append);
            return (e.Index, e.Field);
        }
    }

    [Fact]
    public async Task Live_events_and_checkpoints_do_not_wait_behind_replays()
    {
        await CloseAsync();
        var options = Options;
        options.ReplayConnections = 1;
        await using var log = await PostgresEventLog.OpenAsync(options, Time, Logger, Cancelled);
        await log.AppendAsync("shop", [.. Enumerable.Range(0, 5).Select(i => Event("o-1", $"e-{i}", "s"))], Cancelled);
        var partition = log.PartitionOf("shop");
        var held = await HoldAsync("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
        var replays = Enumerable.Range(0, 5).Select(_ => log.GetOrderHeadAsync("shop", "o-1", Cancelled)).ToArray();
        await held.WaitedForAsync(1);
        await log.SaveCheckpointAsync(partition, 5, log.Epoch, Cancelled);
        Assert.Equal(5, await log.GetCheckpointAsync(partition, Cancelled));
        Assert.All(replays, replay => Assert.False(replay.IsCompleted));
        await held.DisposeAsync();
        await Task.WhenAll(replays);
    }

    [Fact]
    public async Task Full_queue_makes_appends_wait_and_then_fail_and_reads_without_a_connection_fail_too()
    {
        await CloseAsync();
        var options = Options;
        options.MaxQueuedAppends = 1;
        options.LiveConnections = 1;
        options.QueueTimeout = TimeSpan.FromMilliseconds(200);
        await using var log = await PostgresEventLog.OpenAsync(options, TimeProvider.System, Logger, Cancelled);
        await using (var held = await HoldAsync(
            $"SELECT FROM partitions WHERE partition = {log.PartitionOf("shop")} FOR UPDATE"))
        {
            _ = Append("1");
            await held.WaitedForAsync(1);
            Task<AppendedEvents>[] waiting = [Append("2"), Append("3")];
            var unsent = await Assert.ThrowsAsync<EventLogUnavailableException>(() => waiting[0]);
            Assert.Contains("the append's turn did not come for 0.2 s", unsent.Message, StringComparison.Ordinal);
            var refused = await Assert.ThrowsAsync<EventLogUnavailableException>(() => waiting[1]);
            Assert.Contains("1 appends have been waiting for 0.2 s", refused.Message, StringComparison.Ordinal);
        }

        Task<long> first;
        await using (var held = await HoldAsync("LOCK TABLE checkpoints IN ACCESS EXCLUSIVE MODE"))
        {
            first = log.GetCheckpointAsync(0, Cancelled);
            await held.WaitedForAsync(1);
            var refused = await Assert.ThrowsAsync<EventLogUnavailableException>(
                () => log.GetCheckpointAsync(1, Cancelled));
            Assert.Contains(
                "no connection to PostgreSQL became free for 0.2 s", refused.Message, StringComparison.Ordinal);
        }

        // The connection is free again after its query has finished.
        Assert.Equal(0, await first);
        Assert.Equal(0, await log.GetCheckpointAsync(1, Cancelled));

        Task<AppendedEvents> Append(string id) =>
            log.AppendAsync("shop", [Event("o-1", id, "s")], Cancelled);
    }

    [Fact]
    public async Task Only_one_process_removes_old_events_at_a_time()
    {
        var limits = new RetentionLimits(TimeSpan.FromDays(30), 1, 1, TimeSpan.FromMinutes(1));
        await AppendAsync("shop", "o-1", "o-1", "o-1");
        await Log.SaveCheckpointAsync(Log.PartitionOf("shop"), 3, Log.Epoch, Cancelled);
        await using (await HoldAsync("SELECT pg_advisory_xact_lock(20289, 2)"))
        {
            Assert.False((await Log.TrimAsync(limits, Cancelled)).IsMore);
            Assert.Equal(1, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Earliest);
        }

        // A batch also ends after some milliseconds.
        while ((await Log.TrimAsync(limits, Cancelled)).IsMore)
        {
        }

        Assert.Equal(3, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Earliest);
    }

    [Fact]
    public async Task Rows_read_per_call_do_not_grow_with_the_log()
    {
        for (var i = 0; i < 5; i++)
        {
            await AppendAsync("shop", [.. Enumerable.Range(0, 1000).Select(n => $"o-{n % 500}")]);
        }

        var partition = Log.PartitionOf("shop");
        await Log.SaveCheckpointAsync(partition, 5000, Log.Epoch, Cancelled);
        await ReopenAsync();
        var before = await TouchedAsync();
        await Log.ReadOrganizationAsync("shop", 2500, 10, Cancelled);
        await Log.ReadPartitionAsync(partition, 2500, 10, Cancelled);
        await Log.ReadOrderAsync("shop", "o-7", 2, 10, Cancelled);
        await Log.GetOrderHeadAsync("shop", "o-7", Cancelled);
        var e = (await AppendAsync("shop", "o-7"))[0];
        await Log.FindAsync("shop", e.Id, Cancelled);
        await Log.AppendAsync("shop", [Event("o-7", e.Id, e.Status)], Cancelled);
        Assert.InRange(await TouchedAsync() - before, 1, 200);
        before = await TouchedAsync();
        // A batch skips or removes 256 events, and reads each about twice.
        Assert.True((await Log.TrimAsync(
            new RetentionLimits(TimeSpan.FromDays(30), 10, 1, TimeSpan.FromMinutes(1)), Cancelled)).IsMore);
        Assert.InRange(await TouchedAsync() - before, 1, 2000);
    }

    [Fact]
    public async Task Silo_with_a_clock_a_month_ahead_removes_nothing_by_age()
    {
        var limits = new RetentionLimits(TimeSpan.FromDays(30), 1000, 1000, TimeSpan.FromMinutes(1));
        await using var right = await PostgresEventLog.OpenAsync(Options, TimeProvider.System, Logger, Cancelled);
        await right.AppendAsync("shop", [Event("o-1", "a", "s"), Event("o-1", "b", "s")], Cancelled);
        await right.SaveCheckpointAsync(right.PartitionOf("shop"), 2, right.Epoch, Cancelled);
        Assert.Equal(new TrimResult(0, false), await right.TrimAsync(limits, Cancelled));

        var ahead = new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(32));
        await using var wrong = await PostgresEventLog.OpenAsync(Options, ahead, Logger, Cancelled);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(new TrimResult(0, false), await wrong.TrimAsync(limits, Cancelled));
            ahead.Advance(TimeSpan.FromDays(31));
        }

        Assert.Equal(2, (await right.ReadOrganizationAsync("shop", 0, 10, Cancelled)).Count);
        // When the database's clock says that they are old, the same silo removes them.
        await Database.SqlAsync(
            "UPDATE orders_actors.time_marks SET at = at - 31 * extract(epoch FROM interval '1 day')::bigint * 1000");
        Assert.Equal(2, (await wrong.TrimAsync(limits, Cancelled)).Removed);
    }

    [Fact]
    public async Task Repeated_events_are_counted_as_duplicates_of_the_log()
    {
        await Log.AppendAsync("shop", [Event("o-1", "a", "s"), Event("o-1", "b", "s")], Cancelled);
        var counted = new ConcurrentQueue<(string? Hop, long Count)>();
        using var meter = new MeterListener();
        meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "orders_actors.duplicates_dropped")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meter.SetMeasurementEventCallback<long>((_, count, tags, _) => counted.Enqueue(($"{tags[0].Value}", count)));
        meter.Start();
        // Two are stored, and one is twice in the batch.
        await Log.AppendAsync(
            "shop",
            [Event("o-1", "a", "s"), Event("o-1", "c", "s"), Event("o-1", "b", "s"), Event("o-1", "c", "s")],
            Cancelled);
        Assert.Equal(3, counted.Where(c => c.Hop == "log").Sum(c => c.Count));
        await Log.AppendAsync("shop", [Event("o-1", "d", "s")], Cancelled);
        Assert.Equal(3, counted.Where(c => c.Hop == "log").Sum(c => c.Count));
    }

    /// <summary>
    /// The number of rows of events and orders read so far. PostgreSQL adds the counts of a connection when it ends.
    /// </summary>
    private async Task<int> TouchedAsync()
    {
        await CloseAsync();
        const string open = "SELECT count(*) FROM pg_stat_activity "
            + "WHERE datname = current_database() AND backend_type = 'client backend'";
        await Eventually.Holds(
            () => Database.SqlAsync(open).GetAwaiter().GetResult() == "1", () => "a connection is still open");
        var touched = await Database.SqlAsync("""
            SELECT sum(idx_tup_fetch + seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('events', 'orders')
            """);
        await ReopenAsync();
        return int.Parse(touched, CultureInfo.InvariantCulture);
    }

    private Task<HeldLock> HoldAsync(string sql) => HeldLock.TakeAsync(Database.ConnectionString, sql);
}
