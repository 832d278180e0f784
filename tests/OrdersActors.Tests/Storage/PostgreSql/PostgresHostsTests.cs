using System.Collections.Concurrent;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>A connection string with several hosts: all connections use the primary, also after a promotion.</summary>
public sealed class PostgresHostsTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private PostgresServer? _first;
    private PostgresServer? _second;
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private PostgresServer First => _first!;

    public async ValueTask InitializeAsync()
    {
        PostgresFixture.Require();
        _first = await PostgresServer.StartAsync();
        _database = await _first.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in new[] { _second, _first }.OfType<PostgresServer>())
        {
            await server.DisposeAsync();
        }

        Assert.DoesNotContain(PostgresServer.Password, _logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hanging_first_host_does_not_delay_work_on_the_primary()
    {
        using var hanging = new HangingHost();
        // The timeout is as long as the test may take, so a single wait for the hanging host would fail the test.
        var options = Options($"127.0.0.1:{hanging.Port}", $"127.0.0.1:{First.Port}");
        options.ConnectTimeout = options.CommandTimeout = TimeSpan.FromMinutes(1);
        await using var log = await OpenAsync(options).WaitAsync(Timeout, Cancelled);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => AppendAsync(log, "e-1", $"shop-{i}")))
            .WaitAsync(Timeout, Cancelled);
        await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => log.ReadOrganizationAsync($"shop-{i}", 0, 10, Cancelled)))
            .WaitAsync(Timeout, Cancelled);
        await using var membership = PostgresMembership.DataSource(options);
        await using var command = membership.CreateCommand("SELECT count(*) FROM OrleansQuery");
        Assert.True(await command.ExecuteScalarAsync(Cancelled).WaitAsync(Timeout, Cancelled) is > 0L);
        Assert.Empty(new PostgresKeyRing(options).GetAllElements());
        await Eventually.Holds(
            () => _logger.Text.Contains(
                $"The primary of PostgreSQL is 127.0.0.1:{First.Port}", StringComparison.Ordinal),
            () => _logger.Text);
        Assert.DoesNotContain(1053, _logger.Ids);
    }

    [Fact]
    public async Task Work_continues_on_the_new_primary_after_a_promotion_and_no_acknowledged_event_is_lost()
    {
        _second = await First.StartStandbyAsync();
        var options = Options($"127.0.0.1:{First.Port}", $"127.0.0.1:{_second.Port}");
        await using var log = await OpenAsync(options);
        await using var other = await OpenAsync(options);
        await using var membership = PostgresMembership.DataSource(options);
        Assert.False(await IsStandbyAsync(membership));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var acknowledged = new ConcurrentDictionary<(string Shop, string Id), OrderEvent>();
        var publishing = Enumerable.Range(0, 8).Select(shop => Task.Run(
            () => PublishAsync(log, $"shop-{shop}", acknowledged, ended.Token), Cancelled)).ToArray();
        await Eventually.Holds(() => acknowledged.Count > 200, () => $"{acknowledged.Count} events");

        await First.KillAsync();
        await _second.PromoteAsync();

        var before = acknowledged.Count;
        await Eventually.Holds(
            () => acknowledged.Count > before + 200, () => $"{acknowledged.Count - before} events; {_logger.Text}");
        await ended.CancelAsync();
        await Task.WhenAll(publishing);
        for (var shop = 0; shop < 8; shop++)
        {
            var stored = await ReadAllAsync(other, $"shop-{shop}");
            Assert.Equal(Enumerable.Range(1, stored.Count).Select(n => (long)n), stored.Select(e => e.Sequence));
            Assert.All(
                acknowledged.Where(pair => pair.Key.Shop == $"shop-{shop}"),
                pair => Assert.Equal(pair.Value.Sequence, stored.Single(e => e.Id == pair.Key.Id).Sequence));
        }

        Assert.False(await IsStandbyAsync(membership));
        Assert.Empty(new PostgresKeyRing(options).GetAllElements());
        // Nothing was lost, so history was not rewritten.
        Assert.DoesNotContain(1055, _logger.Ids);
        await Eventually.Holds(
            () => _logger.Text.Contains(
                $"The primary of PostgreSQL is 127.0.0.1:{_second.Port}", StringComparison.Ordinal),
            () => _logger.Text);
    }

    [Fact]
    public async Task Frozen_primary_that_was_replaced_is_not_used_again_after_it_thaws()
    {
        _second = await First.StartStandbyAsync();
        var options = Options($"127.0.0.1:{First.Port}", $"127.0.0.1:{_second.Port}");
        options.ConnectTimeout = options.CommandTimeout = TimeSpan.FromSeconds(2);
        await using var log = await OpenAsync(options);
        await RetryAsync(() => AppendAsync(log, "e-1"));
        await First.FreezeAsync();
        await _second.PromoteAsync();
        Assert.Equal(2, await RetryAsync(() => AppendAsync(log, "e-2")));

        await _second.StopAsync();
        await First.ThawAsync();
        // The old primary would accept the event, which would then be lost.
        await Eventually.Holds(
            () => RefusalAsync(log).GetAwaiter().GetResult().Contains(
                "was left behind on timeline 1", StringComparison.Ordinal),
            () => _logger.Text);
        await _second.StartAgainAsync();
        Assert.Equal(3, await RetryAsync(() => AppendAsync(log, "e-3")));
    }

    [Fact]
    public async Task Standby_alone_and_hosts_without_a_primary_are_refused_at_the_start()
    {
        _second = await First.StartStandbyAsync();
        var e = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(Options($"127.0.0.1:{_second.Port}")));
        Assert.Contains($"PostgreSQL at 127.0.0.1:{_second.Port} is a standby", e.Message, StringComparison.Ordinal);
        using var hanging = new HangingHost();
        e = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(
            Options($"127.0.0.1:{_second.Port}", $"127.0.0.1:{hanging.Port}")));
        Assert.Contains($"127.0.0.1:{_second.Port} is a standby", e.Message, StringComparison.Ordinal);
        Assert.Contains(
            $"127.0.0.1:{hanging.Port} cannot be used (PostgreSQL does not answer in time)", e.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        e = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(new PostgresStorageOptions
        {
            ConnectionString = $"{_database!.ConnectionString};Target Session Attributes=standby",
        }));
        Assert.Contains("Target Session Attributes must be primary", e.Message, StringComparison.Ordinal);
    }

    private static async Task<bool> IsStandbyAsync(System.Data.Common.DbDataSource source)
    {
        await using var command = source.CreateCommand("SELECT pg_is_in_recovery()");
        // A pooled connection to the old primary fails once. Orleans retries in this case, too.
        return (bool)(await RetryAsync(async () => await command.ExecuteScalarAsync(Cancelled)))!;
    }

    private static async Task<List<OrderEvent>> ReadAllAsync(PostgresEventLog log, string shop)
    {
        var all = new List<OrderEvent>();
        while (await RetryAsync(
            () => log.ReadOrganizationAsync(shop, all.Count, 1000, Cancelled)) is { Count: > 0 } page)
        {
            all.AddRange(page);
        }

        return all;
    }

    private static async Task PublishAsync(
        PostgresEventLog log, string shop, ConcurrentDictionary<(string, string), OrderEvent> acknowledged,
        CancellationToken ended)
    {
        for (var i = 0; !ended.IsCancellationRequested; i++)
        {
            var e = new OrderStatusEvent { Id = $"{i}", OrderId = $"o-{i % 5}", Status = "s" };
            acknowledged[(shop, e.Id)] = (await RetryAsync(() => log.AppendAsync(shop, [e], Cancelled)))[0];
        }
    }

    /// <summary>Retries like a publisher, with the same id, until the call succeeds.</summary>
    private static async Task<T> RetryAsync<T>(Func<Task<T>> call)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception e)
                when (e is EventLogUnavailableException or Npgsql.NpgsqlException && waited.Elapsed < Timeout * 2)
            {
                await Task.Delay(50, Cancelled);
            }
        }
    }

    private static async Task<string> RefusalAsync(PostgresEventLog log) =>
        (await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync(log, "lost"))).Message;

    private static async Task<long> AppendAsync(PostgresEventLog log, string id, string shop = "shop") =>
        (await log.AppendAsync(
            shop, [new OrderStatusEvent { Id = id, OrderId = "o", Status = "s" }], Cancelled))[0].Sequence;

    private PostgresStorageOptions Options(params string[] hosts) => new()
    {
        ConnectionString = $"Host={string.Join(',', hosts)};Database={_database!.Name};Username=postgres;"
            + $"Password={PostgresServer.Password}",
    };

    private Task<PostgresEventLog> OpenAsync(PostgresStorageOptions options) =>
        PostgresEventLog.OpenAsync(options, TimeProvider.System, _logger, Cancelled);
}
