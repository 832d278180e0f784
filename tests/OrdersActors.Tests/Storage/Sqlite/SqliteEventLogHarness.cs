using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Storage.EventLog;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

/// <summary>A log in a temporary folder.</summary>
public sealed class SqliteEventLogHarness : EventLogHarness
{
    private readonly TempFolder _folder = new();
    private SqliteEventLog? _log;

    public string Folder => _folder.Path;

    public override Task<IEventLog> OpenAsync() => Task.FromResult<IEventLog>(_log = Open(Folder));

    /// <summary>Opens another log.</summary>
    public SqliteEventLog Open(string folder) => SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = folder, FullDurability = false }, Time,
        NullLogger<SqliteEventLog>.Instance);

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
        _folder.Dispose();
    }
}
