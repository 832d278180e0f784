using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresSchemaTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Concurrent_starts_create_one_schema()
    {
        var logs = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => Task.Run(() => OpenAsync(partitions: 2 + i), Cancelled)));
        Assert.Single(logs.Select(log => log.PartitionCount).Distinct());
        Assert.Equal(
            $"{logs[0].PartitionCount}", await _database!.SqlAsync("SELECT count(*) FROM orders_actors.partitions"));
        await Task.WhenAll(logs.Select(
            log => log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o", Status = "s" }], Cancelled)));
        Assert.Equal(10, (await logs[0].GetOrderHeadAsync("shop", "o", Cancelled))!.Value.Version);
        await Task.WhenAll(logs.Select(log => log.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Newer_schema_is_refused()
    {
        await (await OpenAsync()).DisposeAsync();
        await _database!.SqlAsync("UPDATE orders_actors.schema_version SET version = 99");
        var e = await Assert.ThrowsAsync<StorageException>(() => OpenAsync());
        Assert.Contains("newer version", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task First_schema_version_is_migrated_and_keeps_its_data()
    {
        await using (var log = await OpenAsync())
        {
            await log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o", Status = "s" }], Cancelled);
        }

        await _database!.SqlAsync("""
            DROP TABLE orders_actors.orleansmembershiptable, orders_actors.orleansmembershipversiontable,
                orders_actors.orleansquery,
                orders_actors.key_ring;
            UPDATE orders_actors.schema_version SET version = 1;
            """);
        await using var again = await OpenAsync();
        Assert.Equal(1, (await again.GetOrderHeadAsync("shop", "o", Cancelled))!.Value.Version);
        Assert.Equal("3|10", await _database.SqlAsync(
            "SELECT version, (SELECT count(*) FROM orders_actors.orleansquery) FROM orders_actors.schema_version"));
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=d;Username=u;Password=hush-hush", "cannot be reached")]
    [InlineData("Host=no.such.host.invalid;Username=u;Password=hush-hush", "cannot be reached")]
    [InlineData("{server};Password=hush-hush", "refused the user or the password")]
    [InlineData("{server};Database=missing", "does not exist")]
    [InlineData("Nonsense=1;Password=hush-hush", "is not a connection string")]
    [InlineData("Host=h;Port=hush-hush", "is not a connection string")]
    [InlineData("hush-hush", "is not a connection string")]
    [InlineData("Username=u;Password=hush-hush", "is not a connection string")]
    public async Task Unusable_database_is_reported_in_one_line_without_the_password(
        string connectionString, string reason)
    {
        var e = await Assert.ThrowsAsync<StorageException>(
            () => OpenAsync(connectionString.Replace(
                "{server}", _database!.ConnectionString, StringComparison.Ordinal)));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain("hush-hush", e.ToString(), StringComparison.Ordinal);
    }

    private static PostgresStorageOptions Options(string connectionString, int partitions = 8) => new()
    {
        ConnectionString = connectionString,
        PartitionCount = partitions,
        CommandTimeout = TimeSpan.FromSeconds(20),
    };

    private Task<PostgresEventLog> OpenAsync(string? connectionString = null, int partitions = 8) =>
        PostgresEventLog.OpenAsync(
            Options(connectionString ?? _database!.ConnectionString, partitions), TimeProvider.System, _logger,
            Cancelled);
}
