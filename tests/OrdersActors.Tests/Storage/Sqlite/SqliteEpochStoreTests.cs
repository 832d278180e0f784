using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteEpochStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RecordingLogger<SqliteEventLog> _logger = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_folder.Path, "orders.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Command_shows_the_epoch_beside_a_server_and_begins_a_new_one_only_without_it()
    {
        var store = new SqliteEpochStore(new SqliteStorageOptions { DataDirectory = _folder.Path });
        Assert.Contains(
            Database, (await Assert.ThrowsAsync<StorageException>(() => store.FindAsync(Cancelled))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            Database, (await Assert.ThrowsAsync<StorageException>(() => store.BeginAsync(Cancelled))).Message,
            StringComparison.Ordinal);
        string ended;
        await using (var log = Open())
        {
            await AppendAsync(log);
            ended = log.Epoch;
            Assert.Equal(ended, await store.FindAsync(Cancelled));
            Assert.Contains(
                "in use", (await Assert.ThrowsAsync<StorageException>(() => store.BeginAsync(Cancelled))).Message,
                StringComparison.Ordinal);
            Assert.Equal(ended, log.Epoch);
        }

        var epoch = await store.BeginAsync(Cancelled);
        Assert.NotEqual(ended, epoch);
        Assert.Equal(epoch, await store.FindAsync(Cancelled));
        Assert.Equal(epoch, await RunAsync());
        Assert.Empty(_logger.Ids);
    }

    private SqliteEventLog Open() => SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = _folder.Path, FullDurability = false }, new FakeTimeProvider(),
        _logger);

    /// <summary>Runs a server that appends and stops. Returns its epoch.</summary>
    private async Task<string> RunAsync()
    {
        await using var log = Open();
        await AppendAsync(log);
        return log.Epoch;
    }

    private static Task AppendAsync(SqliteEventLog log) =>
        log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o-1", Status = "s" }], Cancelled);
}
