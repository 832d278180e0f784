using OrdersActors.Server.Hosting;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class EventLogEpochStoreTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private readonly List<string> _migrations = [];
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private EventLogEpochStore Store => new(Options(), _migrations.Add);

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task New_epoch_of_a_stopped_cluster_is_kept_and_moves_a_checkpoint_back_to_the_end_of_the_log()
    {
        string first;
        await using (var log = await OpenAsync())
        {
            first = log.Epoch;
            await PublishAsync(log);
        }

        // The database was restored while nobody ran, and nobody who would notice remembers the lost events.
        await _database!.SqlAsync("UPDATE orders_actors.checkpoints SET position = 50");
        Assert.Equal(first, await Store.FindAsync(Cancelled));
        var second = await Store.BeginAsync(Cancelled);
        Assert.NotEqual(first, second);
        Assert.Equal(second, await Store.FindAsync(Cancelled));
        Assert.Equal(
            "0|1", await _database.SqlAsync("SELECT min(position), max(position) FROM orders_actors.checkpoints"));
        await using var again = await OpenAsync();
        Assert.Equal(second, again.Epoch);
        Assert.Equal(2, await PublishAsync(again));
        Assert.Empty(_migrations);
        Assert.DoesNotContain(1055, _logger.Ids);
    }

    [Fact]
    public async Task Running_silos_of_a_cluster_with_another_name_switch_to_the_new_epoch()
    {
        await using var one = await OpenAsync("renamed");
        await using var two = await OpenAsync("renamed");
        var epoch = await Store.BeginAsync(Cancelled);
        await Eventually.Holds(() => one.Epoch == epoch && two.Epoch == epoch, () => $"{one.Epoch}, {two.Epoch}");
        Assert.Equal(2, _logger.Ids.Count(id => id == 1056));
    }

    [Fact]
    public void Location_names_the_database_without_the_password() =>
        Assert.Equal($"127.0.0.1/{_database!.Name}", Store.Location);

    private PostgresStorageOptions Options(string? cluster = null) => new()
    {
        ConnectionString = _database!.ConnectionString,
        ClusterId = cluster,
        CommandTimeout = TimeSpan.FromSeconds(20),
        ConnectTimeout = TimeSpan.FromSeconds(20),
    };

    private Task<PostgresEventLog> OpenAsync(string? cluster = null) =>
        PostgresEventLog.OpenAsync(Options(cluster), TimeProvider.System, _logger, Cancelled);

    private static async Task<long> PublishAsync(PostgresEventLog log) =>
        (await log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o", Status = "s" }], Cancelled))
        .Single().Version;
}
