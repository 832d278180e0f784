using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Storage.EventLog;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>A log in a new database whose clock is the test's.</summary>
public sealed class PostgresEventLogHarness(PostgresFixture postgres) : EventLogHarness
{
    private PostgresDatabase? _database;
    private PostgresEventLog? _log;

    public PostgresDatabase Database => _database!;

    public RecordingLogger<PostgresEventLog> Logger { get; } = new();

    public PostgresStorageOptions Options => new() { ConnectionString = Database.ConnectionString };

    public override async Task<IEventLog> OpenAsync()
    {
        _database ??= await postgres.CreateDatabaseAsync();
        _log = await PostgresEventLog.OpenAsync(Options, Time, Logger, TestContext.Current.CancellationToken);
        return new ClockedPostgresLog(_log, _database, Time);
    }

    public override async ValueTask CloseAsync()
    {
        if (_log is not null)
        {
            await _log.DisposeAsync();
            _log = null;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}
