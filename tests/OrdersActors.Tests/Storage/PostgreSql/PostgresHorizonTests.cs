using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>The warning about transactions and slots that keep PostgreSQL from removing old rows.</summary>
public sealed class PostgresHorizonTests : IAsyncLifetime
{
    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private readonly FakeTimeProvider _time = new();
    private PostgresServer? _server;
    private PostgresDatabase? _database;

    private int Warnings => _logger.Ids.Count(id => id == 1061);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        PostgresFixture.Require();
        _server = await PostgresServer.StartAsync("max_prepared_transactions=2", "wal_level=logical");
        _database = await _server.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Open_transaction_prepared_transaction_and_unused_slot_are_each_reported_once_while_they_last()
    {
        var options = new PostgresStorageOptions
        {
            ConnectionString = _database!.ConnectionString,
            LongTransactionAge = TimeSpan.FromSeconds(1),
        };
        await using (var connections = PostgresConnections.ForKeys(options, TimeProvider.System))
        await using (await HeldLock.TakeAsync(
            $"{_database.ConnectionString};Application Name=report",
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1"))
        {
            await _database.SqlAsync("CREATE TABLE t (n integer)");
            await _database.SqlAsync("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'forgotten'");
            await _database.SqlAsync("SELECT pg_create_physical_replication_slot('abandoned', true)");
            await using var horizon = new PostgresHorizon(connections, options.LongTransactionAge, _time, _logger);
            await Eventually.Holds(
                () =>
                {
                    _time.Advance(TimeSpan.FromMinutes(10));
                    return Warnings >= 3;
                },
                () => _logger.Text);
            Assert.Contains(
                "a transaction of the role postgres (application report)", _logger.Text, StringComparison.Ordinal);
            Assert.Contains(
                "the prepared transaction 'forgotten' of the role postgres", _logger.Text, StringComparison.Ordinal);
            Assert.Contains(
                "the replication slot abandoned, which nobody reads", _logger.Text, StringComparison.Ordinal);

            // A new cause is reported at the next check, and the others are not reported again.
            await _database.SqlAsync("SELECT pg_create_physical_replication_slot('another', true)");
            await Eventually.Holds(
                () =>
                {
                    _time.Advance(TimeSpan.FromMinutes(10));
                    return _logger.Text.Contains("the replication slot another", StringComparison.Ordinal);
                },
                () => _logger.Text);
            Assert.Equal(4, Warnings);
        }

        await _database.SqlAsync("ROLLBACK PREPARED 'forgotten'");
    }
}
