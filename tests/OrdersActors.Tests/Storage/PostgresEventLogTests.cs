using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage;

public sealed class PostgresEventLogTests(PostgresFixture postgres) : EventLogContract
{
    private PostgresDatabase? _database;
    private PostgresEventLog? _open;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    protected override async Task<IEventLog> OpenAsync()
    {
        _database ??= await postgres.CreateDatabaseAsync();
        return _open = await PostgresEventLog.OpenAsync(
            new PostgresStorageOptions { ConnectionString = _database.ConnectionString }, Time, NullLogger<PostgresEventLog>.Instance, Cancelled);
    }

    protected override async ValueTask CloseAsync()
    {
        if (_open is not null)
        {
            await _open.DisposeAsync();
            _open = null;
        }
    }
}
