using System.Collections.Concurrent;
using System.Diagnostics;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage;

/// <summary>The log while its PostgreSQL stops, dies, hangs or refuses.</summary>
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private PostgresServer? _server;
    private PostgresDatabase? _database;
    private PostgresEventLog? _log;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private PostgresServer Server => _server!;

    private PostgresEventLog Log => _log!;

    public async ValueTask InitializeAsync()
    {
        PostgresFixture.Require();
        _server = await PostgresServer.StartAsync();
        _database = await _server.CreateDatabaseAsync();
        _log = await PostgresEventLog.OpenAsync(
            new PostgresStorageOptions
            {
                // Those that wait for a connection outlast those that wait for an answer.
                ConnectionString = _database.ConnectionString, CommandTimeout = TimeSpan.FromSeconds(2), QueueTimeout = TimeSpan.FromSeconds(10),
            },
            TimeProvider.System, _logger, Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        if (_log is not null)
        {
            await _log.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Assert.DoesNotContain(PostgresServer.Password, _logger.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_acknowledged_is_lost_and_no_id_is_stored_twice_when_it_restarts_or_is_killed_under_appends(bool kill)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var acknowledged = new ConcurrentDictionary<(string Shop, string Id), OrderEvent>();
        var publishing = Enumerable.Range(0, 12).Select(p => Task.Run(async () =>
        {
            for (var i = 0; !ended.IsCancellationRequested; i++)
            {
                var shop = $"shop-{p % 5}";
                var events = Enumerable.Range(0, 1 + (i % 7)).Select(n => new OrderStatusEvent
                {
                    Id = $"{p}-{i}-{n}", OrderId = $"{shop}-{(i + n) % 9}", Status = "s",
                }).ToArray();
                foreach (var e in await PublishAsync(shop, events))
                {
                    Assert.True(acknowledged.TryAdd((shop, e.Id), e));
                }
            }
        }, Cancelled)).ToArray();
        for (var round = 0; round < 3; round++)
        {
            var before = acknowledged.Count;
            await Eventually.Holds(() => acknowledged.Count > before + 500, () => $"{acknowledged.Count - before} events");
            await (kill ? Server.KillAsync() : Server.StopAsync());
            await Server.StartAgainAsync();
        }

        await ended.CancelAsync();
        await Task.WhenAll(publishing);
        var stored = new Dictionary<(string, string), OrderEvent>();
        for (var s = 0; s < 5; s++)
        {
            var next = 1L;
            while (await Log.ReadOrganizationAsync($"shop-{s}", next - 1, 1000, Cancelled) is { Count: > 0 } page)
            {
                foreach (var e in page)
                {
                    Assert.Equal(next++, e.Sequence);
                    stored.Add((e.OrganizationId, e.Id), e);
                }
            }
        }

        Assert.All(acknowledged, pair => Assert.Equal(pair.Value, stored[pair.Key]));
        Assert.Equal(acknowledged.Count, stored.Count);
        Assert.All(stored.Values.GroupBy(e => e.OrderId), order => Assert.Equal(
            Enumerable.Range(1, order.Count()).Select(n => (long)n), order.Select(e => e.Version).Order()));
    }

    [Fact]
    public async Task While_it_is_away_everything_fails_clearly_and_is_said_once_and_afterwards_all_resumes()
    {
        await AppendAsync("e-1");
        await Server.StopAsync();
        for (var i = 0; i < 5; i++)
        {
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync("e-2"));
            Assert.Contains("PostgreSQL cannot be reached", e.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<EventLogUnavailableException>(() => Log.GetOrganizationHeadAsync("shop", Cancelled));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => Log.ReadPartitionAsync(0, 0, 10, Cancelled));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => Log.SaveCheckpointAsync(0, 1, Cancelled));
        await Assert.ThrowsAsync<EventLogUnavailableException>(
            () => Log.TrimAsync(new RetentionLimits(TimeSpan.FromDays(1), 1, 1, TimeSpan.FromMinutes(1)), Cancelled));
        await Eventually.Holds(() => _logger.Ids.Contains(1053), () => _logger.Text);
        var news = Log.WaitForNewsAsync(Log.PartitionOf("shop"), 1, Cancelled);
        await Server.StartAgainAsync();
        Assert.Equal(2, await AppendAsync("e-2"));
        await news.WaitAsync(Patience, Cancelled);
        await Eventually.Holds(() => _logger.Ids.Contains(1054), () => _logger.Text);
        Assert.Equal([1051, 1052, 1053, 1054], _logger.Ids.Order());
    }

    [Fact]
    public async Task A_restart_between_two_appends_is_not_noticed_by_the_second()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => AppendAsync($"e-{i}", $"shop-{i}")));
        await Server.RestartAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => AppendAsync($"f-{i}", $"shop-{i}")));
        Assert.DoesNotContain(1051, _logger.Ids);
    }

    [Fact]
    public async Task While_it_hangs_no_call_does_and_afterwards_all_resumes()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => AppendAsync($"e-{i}", $"shop-{i}")));
        await Server.FreezeAsync();
        var watch = Stopwatch.StartNew();
        var calls = Enumerable.Range(0, 100).Select(i => AppendAsync($"f-{i}", $"shop-{i}")).Cast<Task>()
            .Concat(Enumerable.Range(0, 10).Select(i => Log.ReadOrganizationAsync($"shop-{i}", 0, 10, Cancelled)))
            .Append(Log.GetCheckpointAsync(0, Cancelled)).ToArray();
        foreach (var call in calls)
        {
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => call);
            Assert.Contains("PostgreSQL does not answer", e.Message, StringComparison.Ordinal);
        }

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        await Server.ThawAsync();
        var stored = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => PublishAsync(
            $"shop-{i}", [new OrderStatusEvent { Id = $"f-{i}", OrderId = $"o-{i}", Status = "s" }])));
        Assert.All(stored, (s, i) => Assert.Equal(i < 10 ? 2 : 1, s[0].Sequence));
    }

    [Fact]
    public async Task A_transaction_that_waits_too_long_is_given_up_and_leaves_nothing_behind()
    {
        await using (await HeldLock.TakeAsync(_database!.ConnectionString, "SELECT FROM partitions FOR UPDATE"))
        {
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync("e-1"));
            Assert.Contains("PostgreSQL does not answer", e.Message, StringComparison.Ordinal);
        }

        Assert.Null(await Log.FindAsync("shop", "e-1", Cancelled));
        Assert.Equal(1, await AppendAsync("e-1"));
        Assert.Equal([1051, 1052], _logger.Ids);
    }

    [Theory]
    [InlineData("disk_full", "PostgreSQL's disk is full")]
    [InlineData("read_only_sql_transaction", "PostgreSQL is read-only")]
    [InlineData("admin_shutdown", "PostgreSQL is shutting down")]
    [InlineData("cannot_connect_now", "PostgreSQL is starting or shutting down")]
    [InlineData("too_many_connections", "PostgreSQL has too many connections")]
    [InlineData("out_of_memory", "PostgreSQL is out of memory")]
    [InlineData("insufficient_privilege", "the test says so (42501)")]
    public async Task What_it_refuses_is_told_in_words_and_said_once_until_it_is_over(string condition, string reason)
    {
        await _database!.SqlAsync($"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE {condition} USING MESSAGE = ''the test says so''; END';
            CREATE TRIGGER refuse BEFORE INSERT ON orders_actors.events EXECUTE FUNCTION refuse();
            """);
        for (var i = 0; i < 3; i++)
        {
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync("e-1"));
            Assert.Equal($"the event log is unavailable: {reason}", e.Message);
        }

        await _database.SqlAsync("DROP TRIGGER refuse ON orders_actors.events");
        Assert.Equal(1, await AppendAsync("e-1"));
        Assert.Equal([1051, 1052], _logger.Ids);
        Assert.Contains(reason, _logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_read_only_database_and_one_with_too_many_connections_are_named()
    {
        await _database!.SqlAsync($"ALTER DATABASE {_database.Name} SET default_transaction_read_only = on");
        await _database.SqlAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await FailsWithAsync("PostgreSQL is read-only");
        await Server.SqlAsync("postgres", $"ALTER DATABASE {_database.Name} RESET default_transaction_read_only");
        Assert.Equal(1, (await PublishAsync("shop", [new OrderStatusEvent { Id = "e-1", OrderId = "o-shop", Status = "s" }]))[0].Version);

        await _database.SqlAsync("CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 0; GRANT ALL ON SCHEMA orders_actors TO few");
        var e = await Assert.ThrowsAsync<StorageException>(() => PostgresEventLog.OpenAsync(
            new PostgresStorageOptions { ConnectionString = Server.ConnectionString(_database.Name, "few", "few") },
            TimeProvider.System, _logger, Cancelled));
        Assert.Contains("PostgreSQL has too many connections", e.Message, StringComparison.Ordinal);
    }

    private async Task FailsWithAsync(string reason)
    {
        var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync("e-1"));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    /// <summary>Appends one event, and returns its sequence.</summary>
    private async Task<long> AppendAsync(string id, string shop = "shop") => (await Log.AppendAsync(
        shop, [new OrderStatusEvent { Id = id, OrderId = $"o-{shop}", Status = "s" }], Cancelled))[0].Sequence;

    /// <summary>Appends as a publisher does: again and again under the same ids.</summary>
    private async Task<IReadOnlyList<OrderEvent>> PublishAsync(string shop, OrderStatusEvent[] events)
    {
        while (true)
        {
            try
            {
                return await Log.AppendAsync(shop, events, Cancelled);
            }
            catch (EventLogUnavailableException)
            {
                await Task.Delay(20, Cancelled);
            }
        }
    }
}
