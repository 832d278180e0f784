using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>
/// PostgreSQL is restored without its last commits while running processes know of them. Every process must notice,
/// whatever it does next.
/// </summary>
public sealed class PostgresEpochTests : IAsyncLifetime
{
    private const string Database = "orders";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private readonly List<PostgresEventLog> _logs = [];
    private PostgresServer? _postgres;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        PostgresFixture.Require();
        _postgres = await PostgresServer.StartAsync();
        await _postgres.SqlAsync("postgres", $"CREATE DATABASE {Database}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var log in _logs)
        {
            await log.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    [Fact]
    public async Task Process_that_only_polls_begins_a_new_epoch_and_the_others_follow()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        var epoch = one.Epoch;
        Assert.Equal(epoch, other.Epoch);
        await AppendAsync(one, 10);
        await LoseAsync(async () => await AppendAsync(one, 10), one, other);

        await EventuallyAsync(() => one.Epoch != epoch && one.Epoch == other.Epoch);
        Assert.Equal(10, (await one.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
        Assert.Equal(11, Assert.Single(await AppendAsync(one, 1)).Sequence);
        Assert.Equal(one.Epoch, (await one.ReadOrganizationAsync("shop", 10, 1, Cancelled))[0].Epoch);
        Assert.Contains(1055, _logger.Ids);
        Assert.Single(_logger.Ids, id => id == 1055);
    }

    [Fact]
    public async Task Large_append_past_the_lost_end_is_noticed()
    {
        var log = await OpenAsync(poll: TimeSpan.FromMinutes(1));
        var epoch = log.Epoch;
        await AppendAsync(log, 10);
        await LoseAsync(async () => await AppendAsync(log, 5));
        // The log knows that the positions 11 to 15 were used. The append ends at 50.
        await EventuallyAsync(async () => (await AppendAsync(log, 40)).Count == 40);
        await EventuallyAsync(() => log.Epoch != epoch);
    }

    [Fact]
    public async Task Process_notices_different_events_after_the_log_has_passed_its_known_end_again()
    {
        var (reader, writer) = (await OpenAsync(), await OpenAsync());
        var epoch = reader.Epoch;
        await AppendAsync(writer, 10);
        await LoseAsync(async () =>
        {
            await AppendAsync(writer, 5);
            Assert.Equal(15, (await reader.ReadPartitionAsync(reader.PartitionOf("shop"), 0, 100, Cancelled)).Count);
            await writer.DisposeAsync();
            _logs.Remove(writer);
        }, beforeStart: null, afterStart: async () =>
        {
            // A new process knows no earlier end and appends before the others notice the loss.
            var fresh = await OpenAsync();
            await AppendAsync(fresh, 20);
        });
        await EventuallyAsync(() => reader.Epoch != epoch);
    }

    [Fact]
    public async Task Events_of_lost_commits_that_wait_in_memory_are_not_read_in_the_new_epoch()
    {
        var log = await OpenAsync();
        var (epoch, partition) = (log.Epoch, log.PartitionOf("shop"));
        // While a reader waits, its process keeps the committed events for it.
        var waiting = log.WaitForEventsAsync(partition, 1000, Cancelled);
        var kept = await AppendAsync(log, 10);
        await LoseAsync(async () => await AppendAsync(log, 10), log);

        await EventuallyAsync(() => log.Epoch != epoch);
        await waiting.WaitAsync(Timeout, Cancelled);
        var entries = await log.ReadPartitionAsync(partition, 0, 100, Cancelled);
        Assert.Equal(kept.Select(e => e.Id), entries.Select(e => e.Event.Id));
        Assert.All(entries, entry => Assert.Equal(log.Epoch, entry.Event.Epoch));
        Assert.Empty(await log.ReadPartitionAsync(partition, 10, 100, Cancelled));
        var next = await AppendAsync(log, 3);
        Assert.Equal(
            next.Select(e => (e.Sequence, e)),
            (await log.ReadPartitionAsync(partition, 10, 100, Cancelled)).Select(e => (e.Position, e.Event)));
    }

    [Fact]
    public void Answer_that_is_older_than_the_known_epoch_does_not_lead_back_to_an_ended_one()
    {
        var epoch = new PostgresEpoch("first", [], NullLogger.Instance);
        // A poll is sent, another thread begins an epoch, and then the answer of the poll arrives.
        epoch.Adopt("second", known: "first");
        epoch.Adopt("first", known: "first");

        Assert.Equal("second", epoch.Current);
        epoch.Adopt("third", known: "second");
        Assert.Equal("third", epoch.Current);
    }

    [Fact]
    public async Task Log_that_lost_the_beginning_of_its_epoch_does_not_continue_the_one_before()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        var first = one.Epoch;
        await AppendAsync(one, 10);
        await LoseAsync(
            async () =>
            {
                await AppendAsync(one, 10);
                await _postgres!.SqlAsync(
                    Database,
                    "SET search_path = orders_actors; SELECT begin_epoch(epoch, 'second') FROM log_epoch");
            },
            beforeStart: () => EventuallyAsync(() => (one.Epoch, other.Epoch) is ("second", "second")),
            afterStart: null);

        await EventuallyAsync(() => one.Epoch == other.Epoch && one.Epoch != "second" && one.Epoch != first);
        Assert.Equal(10, (await one.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
    }

    [Fact]
    public async Task Checkpoint_ahead_of_the_log_ends_the_epoch()
    {
        var log = await OpenAsync();
        var (epoch, partition) = (log.Epoch, log.PartitionOf("shop"));
        await AppendAsync(log, 5);
        await _postgres!.SqlAsync(
            Database, $"UPDATE orders_actors.checkpoints SET position = 50 WHERE partition = {partition}");
        Assert.Equal(5, await log.GetCheckpointAsync(partition, Cancelled));
        Assert.NotEqual(epoch, log.Epoch);
        Assert.Equal("5", await _postgres.SqlAsync(
            Database, $"SELECT position FROM orders_actors.checkpoints WHERE partition = {partition}"));
    }

    [Fact]
    public async Task Restart_without_loss_keeps_the_epoch()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        var epoch = one.Epoch;
        await AppendAsync(one, 10);
        await one.ReadPartitionAsync(one.PartitionOf("shop"), 0, 100, Cancelled);
        await _postgres!.KillAsync();
        await _postgres.StartAgainAsync();
        await EventuallyAsync(async () => (await AppendAsync(other, 1)).Count == 1);
        await other.WaitForEventsAsync(other.PartitionOf("shop"), 10, Cancelled).WaitAsync(Timeout, Cancelled);
        // Longer than the poll interval, in which a false alarm would occur.
        await Task.Delay(TimeSpan.FromSeconds(2), Cancelled);
        Assert.Equal((epoch, epoch), (one.Epoch, other.Epoch));
    }

    [Fact]
    public async Task Concurrent_appends_and_polls_raise_no_false_alarm()
    {
        var logs = new[] { await OpenAsync(poll: TimeSpan.FromMilliseconds(100)),
            await OpenAsync(poll: TimeSpan.FromMilliseconds(100)) };
        var epoch = logs[0].Epoch;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            for (var n = 0; n < 50; n++)
            {
                await AppendAsync(logs[i % 2], 1 + (n % 3));
            }
        }));
        Assert.All(logs, log => Assert.Equal(epoch, log.Epoch));
    }

    /// <summary>Makes a commit that is then lost.</summary>
    private Task LoseAsync(Func<Task> commit, params PostgresEventLog[] known) => LoseAsync(
        commit,
        // Every process has seen the commit.
        () => Task.WhenAll(known.Select(
            log => log.WaitForEventsAsync(log.PartitionOf("shop"), 19, Cancelled).WaitAsync(Timeout, Cancelled))),
        afterStart: null);

    private async Task LoseAsync(Func<Task> commit, Func<Task>? beforeStart, Func<Task>? afterStart)
    {
        await _postgres!.CopyAsync();
        await EventuallyAsync(async () =>
        {
            await commit();
            return true;
        });
        await (beforeStart?.Invoke() ?? Task.CompletedTask);
        await _postgres.KillAsync();
        await _postgres.RestoreCopyAsync();
        await _postgres.StartAgainAsync();
        await (afterStart?.Invoke() ?? Task.CompletedTask);
    }

    private static Task<AppendedEvents> AppendAsync(PostgresEventLog log, int count) => log.AppendAsync(
        "shop", [.. Enumerable.Range(0, count).Select(_ => new OrderStatusEvent { OrderId = "o-1", Status = "s" })],
        Cancelled);

    private async Task<PostgresEventLog> OpenAsync(TimeSpan? poll = null)
    {
        var log = await PostgresEventLog.OpenAsync(
            new PostgresStorageOptions
            {
                ConnectionString = _postgres!.ConnectionString(Database),
                PollInterval = poll ?? TimeSpan.FromMilliseconds(200),
            },
            TimeProvider.System, _logger, Cancelled);
        _logs.Add(log);
        return log;
    }

    private static Task EventuallyAsync(Func<bool> holds) => EventuallyAsync(() => Task.FromResult(holds()));

    /// <summary>Waits until the condition holds. Ignores errors while PostgreSQL is unavailable.</summary>
    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (EventLogUnavailableException)
            {
                // Retry, like a publisher.
            }

            await Task.Delay(50, timeout.Token);
        }
    }
}
