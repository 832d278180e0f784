using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteRestoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TempFolder _backups = new();
    private readonly RecordingLogger<SqliteEventLog> _logger = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 25, 6, 7, 8, TimeSpan.Zero));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_folder.Path, "orders.db");

    private string Backup => Path.Combine(_backups.Path, "back up#1.db");

    public void Dispose()
    {
        _folder.Dispose();
        _backups.Dispose();
    }

    [Fact]
    public async Task Backup_replaces_the_database_begins_an_epoch_and_keeps_the_previous_database()
    {
        var ended = await RunAsync(5);
        File.Copy(Database, Backup);
        await RunAsync(3);
        var restored = Restore();
        Assert.Equal(
            (Database, 5L, $"{Database}.before-20261125-060708"), (restored.Path, restored.Events, restored.Previous));
        Assert.NotEqual(ended, restored.Epoch);
        await using (var log = Open())
        {
            Assert.Equal(restored.Epoch, log.Epoch);
            Assert.Equal(5, (await log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
            Assert.Equal(6, (await AppendAsync(log))[0].Sequence);
        }

        // The mark matches the restored database, so the server reports nothing.
        Assert.Empty(_logger.Ids);
        Assert.Equal(8L, Count(restored.Previous!));
        Assert.All(
            Directory.GetFiles(_folder.Path, "orders.*"),
            file => Assert.DoesNotContain("restoring", file, StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Database));
        }
    }

    [Fact]
    public async Task Backup_with_a_write_ahead_log_is_restored_with_it_and_not_changed()
    {
        await using (var log = Open())
        {
            await AppendAsync(log);
            await AppendAsync(log);
            File.Copy(Database, Backup);
            File.Copy(Database + "-wal", Backup + "-wal");
        }

        var before = await File.ReadAllBytesAsync(Backup, Cancelled);
        Assert.Equal(2, Restore().Events);
        Assert.Equal(before, await File.ReadAllBytesAsync(Backup, Cancelled));
    }

    [Fact]
    public async Task Stale_write_ahead_log_of_a_damaged_database_does_not_reach_the_restored_one()
    {
        await RunAsync(5);
        File.Copy(Database, Backup);
        await using (var log = Open())
        {
            await AppendAsync(log);
            File.Copy(Database + "-wal", Backup + ".stale");
        }

        await File.WriteAllTextAsync(Database, new string('x', 9000), Cancelled);
        File.Copy(Backup + ".stale", Database + "-wal");
        await File.WriteAllTextAsync(Database + "-shm", "stale", Cancelled);
        Assert.Equal(5, Restore().Events);
        Assert.False(File.Exists(Database + "-wal"));
        Assert.False(File.Exists(Database + "-shm"));
        await using var again = Open();
        Assert.Equal(5, (await again.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
    }

    [Fact]
    public async Task Backup_is_restored_without_an_existing_database_and_an_older_schema_is_migrated()
    {
        using (var connection = new SqliteConnection($"Data Source={Backup};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = SqliteSchemaTests.Version1;
            command.ExecuteNonQuery();
        }

        var restored = Restore();
        Assert.Equal((3L, null), (restored.Events, restored.Previous));
        await using var log = Open();
        Assert.Equal(restored.Epoch, log.Epoch);
        Assert.Equal(3, (await log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
        Assert.Equal([1004], _logger.Ids);
    }

    [Theory]
    [InlineData("missing", "does not exist")]
    [InlineData("text", "cannot be copied")]
    [InlineData("other program", "not a database of OrdersActors")]
    [InlineData("damaged", "is damaged")]
    [InlineData("newer", "newer version")]
    [InlineData("itself", "is the database itself")]
    public async Task Invalid_backup_is_refused_and_nothing_changes(string kind, string message)
    {
        await RunAsync(300);
        var backup = kind == "itself" ? Database : Backup;
        await MakeBadAsync(kind);
        var before = await File.ReadAllBytesAsync(Database, Cancelled);
        var mark = SqliteMark.Read(_folder.Path);
        var e = Assert.Throws<StorageException>(() => Restore(backup));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.Equal(before, await File.ReadAllBytesAsync(Database, Cancelled));
        Assert.Equal(mark, SqliteMark.Read(_folder.Path));
        await RunAsync(1);
        Assert.Empty(_logger.Ids);
    }

    [Fact]
    public async Task Restore_is_refused_while_a_server_runs()
    {
        await RunAsync(5);
        File.Copy(Database, Backup);
        await using var log = Open();
        await AppendAsync(log);
        Assert.Contains("in use", Assert.Throws<StorageException>(() => Restore()).Message, StringComparison.Ordinal);
        Assert.Equal(7, (await AppendAsync(log))[0].Sequence);
    }

    private async Task MakeBadAsync(string kind)
    {
        switch (kind)
        {
            case "text":
                await File.WriteAllTextAsync(Backup, new string('x', 5000), Cancelled);
                break;
            case "other program":
                Execute("CREATE TABLE other (id INTEGER); PRAGMA user_version = 1");
                break;
            case "newer":
                File.Copy(Database, Backup);
                Execute("PRAGMA user_version = 99");
                break;
            case "damaged":
                var bytes = await File.ReadAllBytesAsync(Database, Cancelled);
                bytes.AsSpan(bytes.Length / 2, 8192).Fill(0x5a);
                await File.WriteAllBytesAsync(Backup, bytes, Cancelled);
                break;
        }
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Backup};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        // The callers pass constants.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static long Count(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM events";
        return (long)command.ExecuteScalar()!;
    }

    private RestoredDatabase Restore(string? backup = null) =>
        SqliteRestore.Run(new SqliteStorageOptions { DataDirectory = _folder.Path }, backup ?? Backup, _time);

    private SqliteEventLog Open() => SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = _folder.Path, FullDurability = false }, _time, _logger);

    private async Task<string> RunAsync(int events)
    {
        await using var log = Open();
        for (var i = 0; i < events; i++)
        {
            await AppendAsync(log);
        }

        return log.Epoch;
    }

    private static Task<AppendedEvents> AppendAsync(SqliteEventLog log) =>
        log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o-1", Status = "s" }], Cancelled);
}
