using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>The log while its PostgreSQL is stopped, killed or hanging.</summary>
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
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
        await OpenAsync();
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
    public async Task No_acknowledged_event_is_lost_or_duplicated_when_PostgreSQL_restarts_or_is_killed_during_appends(
        bool kill)
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
                    Id = $"{p}-{i}-{n}",
                    OrderId = $"{shop}-{(i + n) % 9}",
                    Status = "s",
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
            await Eventually.Holds(
                () => acknowledged.Count > before + 500, () => $"{acknowledged.Count - before} events");
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
    public async Task Outage_makes_every_call_fail_clearly_is_logged_once_and_ends_completely()
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
        await Assert.ThrowsAsync<EventLogUnavailableException>(
            () => Log.SaveCheckpointAsync(0, 1, Log.Epoch, Cancelled));
        await Assert.ThrowsAsync<EventLogUnavailableException>(
            () => Log.TrimAsync(new RetentionLimits(TimeSpan.FromDays(1), 1, 1, TimeSpan.FromMinutes(1)), Cancelled));
        await Eventually.Holds(() => _logger.Ids.Contains(1053), () => _logger.Text);
        var news = Log.WaitForEventsAsync(Log.PartitionOf("shop"), 1, Cancelled);
        await Server.StartAgainAsync();
        Assert.Equal(2, await AppendAsync("e-2"));
        await news.WaitAsync(Timeout, Cancelled);
        await Eventually.Holds(() => _logger.Ids.Contains(1054), () => _logger.Text);
        Assert.Equal([1051, 1052, 1053, 1054], _logger.Ids.Order());
    }

    [Fact]
    public async Task Restart_between_two_calls_is_not_noticed_by_the_second_call()
    {
        for (var i = 1; i <= 3; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async n =>
            {
                Assert.Equal(i, await AppendAsync($"e-{i}", $"shop-{n}"));
                Assert.Equal(i, (await Log.GetOrganizationHeadAsync($"shop-{n}", Cancelled)).Sequence);
                await Log.SaveCheckpointAsync(n % 8, i, Log.Epoch, Cancelled);
            }));
            await Server.RestartAsync();
        }

        Assert.DoesNotContain(1051, _logger.Ids);
    }

    [Fact]
    public async Task Hanging_PostgreSQL_blocks_no_call_and_everything_resumes_afterwards()
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
        var late = AppendAsync("late");
        watch.Restart();
        await Log.DisposeAsync();
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => late);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        await Server.ThawAsync();
        await OpenAsync();
        var stored = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => PublishAsync(
            $"shop-{i}", [new OrderStatusEvent { Id = $"f-{i}", OrderId = $"o-shop-{i}", Status = "s" }])));
        Assert.All(stored, (s, i) => Assert.Equal(i < 10 ? 2 : 1, s[0].Sequence));
    }

    [Fact]
    public async Task Append_that_waits_too_long_behind_a_hanging_one_fails_first_and_is_never_sent()
    {
        await Log.DisposeAsync();
        await OpenAsync(new PostgresStorageOptions
        {
            ConnectionString = _database!.ConnectionString,
            AppendConnections = 1,
            CommandTimeout = TimeSpan.FromMinutes(2),
            QueueTimeout = TimeSpan.FromSeconds(1),
        });
        var other = Enumerable.Range(0, 100).Select(i => $"shop-{i}")
            .First(shop => Log.PartitionOf(shop) != Log.PartitionOf("shop"));
        Task<long> inFlight;
        await using (var held = await HeldLock.TakeAsync(
            _database.ConnectionString, "SELECT FROM partitions FOR UPDATE"))
        {
            inFlight = AppendAsync("e-1");
            await held.WaitedForAsync(1);
            await Server.FreezeAsync();
            // One append waits behind it in its partition's queue, the other for its connection.
            foreach (var late in new[] { AppendAsync("late"), AppendAsync("late", other) })
            {
                var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => late);
                Assert.Contains("the append's turn did not come for 1 s", e.Message, StringComparison.Ordinal);
            }

            Assert.False(inFlight.IsCompleted);
            await Server.ThawAsync();
        }

        Assert.Equal(1, await inFlight);
        Assert.Equal(2, await AppendAsync("e-2"));
        Assert.Equal(1, await AppendAsync("e-2", other));
        Assert.Null(await Log.FindAsync("shop", "late", Cancelled));
        Assert.Equal(3, await AppendAsync("late"));
    }

    [Fact]
    public async Task Read_from_a_hanging_PostgreSQL_fails_at_its_timeout_even_if_the_cancellation_takes_longer()
    {
        await Log.DisposeAsync();
        var time = new FakeTimeProvider();
        // PostgreSQL gets five minutes for the command, and five more for the cancellation.
        _log = await PostgresEventLog.OpenAsync(
            new PostgresStorageOptions
            {
                ConnectionString = _database!.ConnectionString,
                CommandTimeout =
                TimeSpan.FromMinutes(5)
            },
            time, _logger, Cancelled);
        Assert.Equal(0, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
        await Server.FreezeAsync();
        Task[] reads =
        [
            Log.GetOrganizationHeadAsync("shop", Cancelled), Log.ReadPartitionAsync(0, 0, 10, Cancelled),
            Log.GetCheckpointAsync(0, Cancelled),
        ];
        await Eventually.Holds(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(5.2));
                return reads.All(read => read.IsCompleted);
            },
            () => "a read waits longer than its timeout");
        foreach (var read in reads)
        {
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => read);
            Assert.Contains("PostgreSQL does not answer in time", e.Message, StringComparison.Ordinal);
        }

        await Server.ThawAsync();
    }

    private Task OpenAsync() => OpenAsync(new PostgresStorageOptions
    {
        ConnectionString = _database!.ConnectionString,
        CommandTimeout = TimeSpan.FromSeconds(2),
        AppendConnections = 8,
        // Calls that wait for a connection must outlast the calls that wait for an answer.
        QueueTimeout = TimeSpan.FromSeconds(10),
    });

    private async Task OpenAsync(PostgresStorageOptions options) =>
        _log = await PostgresEventLog.OpenAsync(options, TimeProvider.System, _logger, Cancelled);

    /// <summary>Appends one event and returns its sequence.</summary>
    private async Task<long> AppendAsync(string id, string shop = "shop") => (await Log.AppendAsync(
        shop, [new OrderStatusEvent { Id = id, OrderId = $"o-{shop}", Status = "s" }], Cancelled))[0].Sequence;

    /// <summary>Appends like a publisher: retries with the same ids until it succeeds.</summary>
    private async Task<AppendedEvents> PublishAsync(string shop, OrderStatusEvent[] events)
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
