using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>
/// The reader of a partition gets the events that its process has committed from memory. Whatever other processes do,
/// it gets each event once and in order.
/// </summary>
public sealed class PostgresLiveEventsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Own_appends_are_read_without_a_query_and_everything_else_with_one()
    {
        await using var log = await OpenReaderAsync();
        var stored = await AppendAsync(log, "e-2", "e-3", "e-4");
        Task<IReadOnlyList<PartitionEntry>> query;
        await using (var held = await HeldLock.TakeAsync(
            _database!.ConnectionString, "LOCK TABLE events IN ACCESS EXCLUSIVE MODE"))
        {
            var first = await ReadAsync(log, 1, limit: 2);
            Assert.Equal([2L, 3L], first.Select(entry => entry.Position));
            Assert.Equal(stored.Take(2), first.Select(entry => entry.Event));
            Assert.Equal(4, Assert.Single(await ReadAsync(log, 3)).Position);
            Assert.Empty(await ReadAsync(log, 4));

            // The reader has taken these events, so they are no longer in memory.
            query = ReadAsync(log, 1);
            await held.WaitedForAsync(1);
            Assert.False(query.IsCompleted);
        }

        // The database has the same events.
        Assert.Equal(stored, (await query).Select(entry => entry.Event));
    }

    [Fact]
    public async Task Event_of_another_process_is_found_between_own_ones()
    {
        await using var log = await OpenReaderAsync();
        await AppendAsync(log, "e-2");
        await AppendSilentlyAsync("e-3");
        await AppendAsync(log, "e-4");
        Assert.Equal(["e-2", "e-3", "e-4"], (await ReadAsync(log, 1)).Select(entry => entry.Event.Id));
        await AppendAsync(log, "e-5");
        Assert.Equal("e-5", Assert.Single(await ReadAsync(log, 4)).Event.Id);
    }

    [Fact]
    public async Task Event_without_a_notification_is_found_when_the_reader_has_waited_in_vain()
    {
        await using var log = await OpenReaderAsync();
        await AppendAsync(log, "e-2");
        Assert.Single(await ReadAsync(log, 1));
        await AppendSilentlyAsync("e-3");
        using var poll = new CancellationTokenSource();
        var waiting = log.WaitForEventsAsync(log.PartitionOf("shop"), 2, poll.Token);
        await poll.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal("e-3", Assert.Single(await ReadAsync(log, 2)).Event.Id);
    }

    [Fact]
    public async Task Event_without_a_notification_is_found_by_the_poll()
    {
        await using var log = await OpenReaderAsync(TimeSpan.FromMilliseconds(100));
        await AppendAsync(log, "e-2");
        Assert.Single(await ReadAsync(log, 1));
        await AppendSilentlyAsync("e-3");
        await log.WaitForEventsAsync(log.PartitionOf("shop"), 2, Cancelled).WaitAsync(Timeout, Cancelled);
        Assert.Equal("e-3", Assert.Single(await ReadAsync(log, 2)).Event.Id);
    }

    [Fact]
    public async Task Reader_gets_the_events_of_two_processes_once_and_in_order()
    {
        const int rounds = 300;
        await using var log = await OpenReaderAsync();
        await using var other = await OpenAsync(TimeSpan.FromMinutes(1));
        var appends = Task.WhenAll(
            new[] { log, other, log, other }.Select((writer, w) => Task.Run(
                async () =>
                {
                    for (var i = 0; i < rounds; i++)
                    {
                        await AppendAsync(writer, [.. Enumerable.Range(0, 1 + (i % 3)).Select(n => $"{w}-{i}-{n}")]);
                    }
                },
                Cancelled)));
        const int total = 4 * rounds * 2;
        var received = new List<PartitionEntry>();
        var position = 1L;
        while (received.Count < total)
        {
            // As the receiver of a partition does it.
            var page = await ReadAsync(log, position, limit: 50);
            if (page.Count == 0)
            {
                await log.WaitForEventsAsync(log.PartitionOf("shop"), position, Cancelled)
                    .WaitAsync(Timeout, Cancelled);
                continue;
            }

            received.AddRange(page);
            position = page[^1].Position;
        }

        await appends;
        Assert.Equal(Enumerable.Range(2, total).Select(n => (long)n), received.Select(entry => entry.Position));
        Assert.Equal(Enumerable.Range(2, total).Select(n => (long)n), received.Select(entry => entry.Event.Sequence));
        Assert.Equal(total, received.DistinctBy(entry => entry.Event.Id).Count());
        await using var fresh = await OpenAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(received, await ReadAsync(fresh, 1, limit: total));
    }

    [Fact]
    public async Task Events_that_do_not_fit_into_memory_are_read_from_the_database()
    {
        await using var log = await OpenReaderAsync();
        var details = $$"""{"x":"{{new string('x', 60_000)}}"}""";
        for (var i = 0; i < 40; i++)
        {
            await log.AppendAsync(
                "shop", [new OrderStatusEvent { OrderId = "o", Id = $"large-{i}", Status = "s", Details = details }],
                Cancelled);
        }

        Assert.True(40 * 2 * 60_000 > 4 * RecentEvents.MaxBytes);
        var received = new List<string>();
        var position = 1L;
        while (received.Count < 40)
        {
            var page = await ReadAsync(log, position);
            Assert.NotEmpty(page);
            received.AddRange(page.Select(entry => entry.Event.Id));
            position = page[^1].Position;
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"large-{i}"), received);
    }

    [Fact]
    public async Task Events_in_memory_are_not_returned_under_an_ended_epoch()
    {
        await using var log = await OpenReaderAsync();
        await AppendAsync(log, "e-2", "e-3");
        var ended = log.Epoch;
        var epoch = await log.BeginEpochAsync(ended, "the test says so", Cancelled);
        Assert.NotEqual(ended, epoch);
        Assert.Equal(
            [("e-2", epoch), ("e-3", epoch)],
            (await ReadAsync(log, 1)).Select(entry => (entry.Event.Id, entry.Event.Epoch)));
        await AppendAsync(log, "e-4");
        Assert.Equal(epoch, Assert.Single(await ReadAsync(log, 3)).Event.Epoch);
    }

    /// <summary>
    /// Opens a log that has one event and reads it here. When this returns, its first poll is over, so nothing but the
    /// test changes what it knows.
    /// </summary>
    private async Task<PostgresEventLog> OpenReaderAsync(TimeSpan? poll = null)
    {
        await using (var first = await OpenAsync(TimeSpan.FromMinutes(1)))
        {
            await AppendAsync(first, "e-1");
        }

        var log = await OpenAsync(poll ?? TimeSpan.FromMinutes(1));
        await log.WaitForEventsAsync(log.PartitionOf("shop"), 0, Cancelled).WaitAsync(Timeout, Cancelled);
        Assert.Single(await ReadAsync(log, 0));
        Assert.Empty(await ReadAsync(log, 1));
        return log;
    }

    private Task<PostgresEventLog> OpenAsync(TimeSpan poll) => PostgresEventLog.OpenAsync(
        new PostgresStorageOptions { ConnectionString = _database!.ConnectionString, PollInterval = poll },
        TimeProvider.System, _logger, Cancelled);

    private static Task<AppendedEvents> AppendAsync(PostgresEventLog log, params string[] ids) => log.AppendAsync(
        "shop", [.. ids.Select(id => new OrderStatusEvent { OrderId = "o", Id = id, Status = "s" })], Cancelled);

    /// <summary>Appends as a process that dies between its commit and its notification.</summary>
    private Task<string> AppendSilentlyAsync(string id) => _database!.SqlAsync($$"""
        SET search_path = orders_actors;
        SELECT append_events(
            {{OrganizationPartition.Of("shop", 8)}}, '{shop}', '{1}', '{o}', '{1}', '{1}',
            '{1}', '{1}', '{1}', '{{{id}}}', '{s}', '{2030-01-01T00:00:00Z}', '{NULL}');
        """);

    private static Task<IReadOnlyList<PartitionEntry>> ReadAsync(PostgresEventLog log, long after, int limit = 100) =>
        log.ReadPartitionAsync(log.PartitionOf("shop"), after, limit, Cancelled);
}
