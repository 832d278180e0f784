using Npgsql;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>Two logs on one database, as in two silos.</summary>
public sealed class PostgresListenerTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Two_logs_number_an_organizations_events_together_and_both_receive_all_news()
    {
        // Simulates an administrator who has changed the default isolation level.
        await _database!.SqlAsync(
            $"ALTER DATABASE {_database.Name} SET default_transaction_isolation = 'serializable'");
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();
        var partition = one.PartitionOf("shop");
        var reading = new[] { one, two }.Select(log => Task.Run(async () =>
        {
            var (position, sequence) = (0L, 0L);
            while (sequence < 2000)
            {
                await log.WaitForEventsAsync(partition, position, Cancelled).WaitAsync(Timeout, Cancelled);
                foreach (var entry in await log.ReadPartitionAsync(partition, position, 1000, Cancelled))
                {
                    Assert.Equal(++sequence, entry.Event.Sequence);
                    position = entry.Position;
                }
            }
        }, Cancelled)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                // Every id is published through both logs at about the same time.
                OrderStatusEvent[] events =
                    [Event($"o-{i % 7}", $"{publisher}-{i}-a"), Event($"o-{publisher}", $"{publisher}-{i}-b")];
                var stored = await Task.WhenAll(
                    one.AppendAsync("shop", events, Cancelled), two.AppendAsync("shop", events, Cancelled));
                Assert.Equal(stored[0], stored[1]);
            }
        }, Cancelled)));
        await Task.WhenAll(reading);
        Assert.Empty(_logger.Ids);
    }

    [Fact]
    public async Task News_arrives_at_once_and_not_with_the_next_poll()
    {
        await using var one = await OpenAsync(TimeSpan.FromMinutes(1));
        await using var two = await OpenAsync(TimeSpan.FromMinutes(1));
        for (var i = 1; i <= 20; i++)
        {
            var news = two.WaitForEventsAsync(two.PartitionOf("shop"), i - 1, Cancelled);
            await one.AppendAsync("shop", [Event("o", $"e-{i}")], Cancelled);
            await news.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        }
    }

    [Fact]
    public async Task Append_by_the_reader_of_a_partition_notifies_nobody_else()
    {
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var connection = new NpgsqlConnection(_database!.ConnectionString);
        connection.Notification += (_, news) => heard.TrySetResult(news.Payload);
        await connection.OpenAsync(Cancelled);
        await using var listen = new NpgsqlCommand("LISTEN orders_actors", connection);
        await listen.ExecuteNonQueryAsync(Cancelled);

        var partition = one.PartitionOf("shop");
        var news = one.WaitForEventsAsync(partition, 1, Cancelled);
        await one.AppendAsync("shop", [Event("o", "e-1")], Cancelled);
        await two.AppendAsync("shop", [Event("o", "e-2")], Cancelled);
        await connection.WaitAsync(Cancelled).WaitAsync(Timeout, Cancelled);
        Assert.Equal($"{partition} 2", await heard.Task);
        await news.WaitAsync(Timeout, Cancelled);
    }

    [Fact]
    public async Task Lost_LISTEN_connection_is_restored_and_missed_news_is_found()
    {
        await using var one = await OpenAsync(TimeSpan.FromMinutes(1));
        await using var two = await OpenAsync(TimeSpan.FromMinutes(1));
        var partition = two.PartitionOf("shop");
        await one.AppendAsync("shop", [Event("o", "e-1")], Cancelled);
        await two.WaitForEventsAsync(partition, 0, Cancelled).WaitAsync(Timeout, Cancelled);
        for (var i = 2; i <= 4; i++)
        {
            var news = two.WaitForEventsAsync(partition, i - 1, Cancelled);
            var cut = await _database!.SqlAsync("""
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE '% news'
                """);
            Assert.Equal("2", cut);
            await one.AppendAsync("shop", [Event("o", $"e-{i}")], Cancelled);
            await news.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
            await Eventually.Holds(() => _logger.Ids.Count(id => id == 1054) == 2 * (i - 1), () => _logger.Text);
        }

        Assert.Equal(6, _logger.Ids.Count(id => id == 1053));
    }

    [Fact]
    public async Task Missing_notification_only_delays_delivery()
    {
        await using var log = await OpenAsync(TimeSpan.FromMilliseconds(100));
        var partition = log.PartitionOf("shop");
        var news = log.WaitForEventsAsync(partition, 0, Cancelled);
        // Simulates a process that dies after its commit and before its notification.
        await _database!.SqlAsync($$"""
            SET search_path = orders_actors;
            SELECT append_events(
                {{partition}}, '{shop}', '{1}', '{o}', '{1}', '{1}',
                '{1}', '{1}', '{1}', '{e-1}', '{s}', '{2030-01-01T00:00:00Z}', '{NULL}');
            """);
        await news.WaitAsync(Timeout, Cancelled);
        Assert.Equal("e-1", Assert.Single(await log.ReadPartitionAsync(partition, 0, 10, Cancelled)).Event.Id);
    }

    [Fact]
    public async Task Foreign_notifications_on_the_channel_are_ignored()
    {
        await using var log = await OpenAsync(TimeSpan.FromMinutes(1));
        await _database!.SqlAsync(
            "SELECT pg_notify('orders_actors', said) FROM unnest('{NULL, x, 99 1, -1 1, 0 x}'::text[]) said");
        var news = log.WaitForEventsAsync(log.PartitionOf("shop"), 0, Cancelled);
        await using var other = await OpenAsync(TimeSpan.FromMinutes(1));
        await other.AppendAsync("shop", [Event("o", "e-1")], Cancelled);
        await news.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        Assert.Empty(_logger.Ids);
    }

    [Fact]
    public async Task Wrong_position_in_a_notification_makes_readers_poll_without_spinning_or_missing_events()
    {
        await using var log = await OpenAsync(TimeSpan.FromMinutes(1));
        await using var other = await OpenAsync(TimeSpan.FromMinutes(1));
        // A notification before the LISTEN is lost.
        await Eventually.Holds(() => log.IsListening is true, () => "it does not listen");
        var partition = log.PartitionOf("shop");
        for (var round = 0; round < 3; round++)
        {
            var news = log.WaitForEventsAsync(partition, round, Cancelled);
            await _database!.SqlAsync($"SELECT pg_notify('orders_actors', '{partition} {long.MaxValue - round}')");
            await news.WaitAsync(Timeout, Cancelled);
            Assert.Empty(await log.ReadPartitionAsync(partition, round, 10, Cancelled));
            // The notification causes one more poll and then has no effect.
            var wait = log.WaitForEventsAsync(partition, round, Cancelled);
            var real = wait.IsCompleted ? log.WaitForEventsAsync(partition, round, Cancelled) : wait;
            Assert.False(real.IsCompleted);
            await other.AppendAsync("shop", [Event("o", $"e-{round}")], Cancelled);
            await real.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
            Assert.Equal(
                $"e-{round}", Assert.Single(await log.ReadPartitionAsync(partition, round, 10, Cancelled)).Event.Id);
        }
    }

    private static OrderStatusEvent Event(string order, string id) => new() { OrderId = order, Id = id, Status = "s" };

    private Task<PostgresEventLog> OpenAsync(TimeSpan? poll = null) => PostgresEventLog.OpenAsync(
        new PostgresStorageOptions
        {
            ConnectionString = _database!.ConnectionString,
            PollInterval = poll ?? TimeSpan.FromSeconds(1),
            CommandTimeout = TimeSpan.FromSeconds(30),
        },
        TimeProvider.System, _logger, Cancelled);
}
