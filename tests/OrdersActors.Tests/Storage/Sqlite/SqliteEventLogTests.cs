using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Storage.EventLog;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteEventLogTests : EventLogContract
{
    private readonly SqliteEventLogHarness _harness;

    public SqliteEventLogTests()
        : this(new SqliteEventLogHarness())
    {
    }

    private SqliteEventLogTests(SqliteEventLogHarness harness)
        : base(harness) => _harness = harness;

    private string Database => Path.Combine(_harness.Folder, "orders.db");

    [Fact]
    public void Second_server_on_the_same_folder_is_refused()
    {
        var e = Assert.Throws<StorageException>(() => Open(_harness.Folder));
        Assert.Contains("in use by another server", e.Message, StringComparison.Ordinal);
        Assert.Contains(_harness.Folder, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_in_place_of_the_folder_is_named()
    {
        var file = Path.Combine(_harness.Folder, "file");
        File.WriteAllText(file, "");
        Assert.Contains(file, Assert.Throws<StorageException>(() => Open(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Newer_database_is_refused()
    {
        await CloseAsync();
        Execute("PRAGMA user_version = 99");
        Assert.Contains(
            "newer version", Assert.Throws<StorageException>(() => Open(_harness.Folder)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copy_taken_at_any_moment_contains_everything_acknowledged()
    {
        await AppendAsync("shop", "o-1");
        for (var i = 2; i <= 20; i++)
        {
            await AppendAsync("shop", "o-1", "o-2");
        }

        // Simulates a crash: copies the database and its write-ahead log without closing them.
        using var crashed = new TempFolder();
        foreach (var file in Directory.GetFiles(_harness.Folder, "orders.db*"))
        {
            File.Copy(file, Path.Combine(crashed.Path, Path.GetFileName(file)));
        }

        await using var log = Open(crashed.Path);
        Assert.Equal(39, (await log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
        Assert.Equal(39, (await log.ReadOrganizationAsync("shop", 0, 100, Cancelled)).Count);
    }

    [Fact]
    public async Task Locked_database_makes_appends_fail_clearly_until_it_is_released()
    {
        var limits = new RetentionLimits(TimeSpan.FromDays(30), 1, 1, TimeSpan.FromMinutes(1));
        await AppendAsync("shop", "o-1");
        await Log.SaveCheckpointAsync(Log.PartitionOf("shop"), 1, Log.Epoch, Cancelled);
        using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            other.Open();
            using var hold = other.CreateCommand();
            hold.CommandText = "BEGIN IMMEDIATE";
            hold.ExecuteNonQuery();
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync("shop", "o-1"));
            Assert.Contains("another process holds the database", e.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<EventLogUnavailableException>(() => Log.TrimAsync(limits, Cancelled));
            // Reads still work in the meantime.
            Assert.Equal(1, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
        }

        Assert.Equal(2, (await AppendAsync("shop", "o-1"))[0].Version);
        await Log.TrimAsync(limits, Cancelled);
        Assert.Equal(2, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Earliest);
    }

    [Fact]
    public async Task Close_commits_waiting_appends_and_refuses_later_ones()
    {
        var waiting = Enumerable.Range(0, 100).Select(_ => AppendAsync("shop", "o-1")).ToArray();
        var log = Log;
        await CloseAsync();
        await Task.WhenAll(waiting);
        await Assert.ThrowsAsync<EventLogUnavailableException>(
            () => log.AppendAsync("shop", [Event("o-1", "late", "s")], Cancelled));
        await ReopenAsync();
        Assert.Equal(100, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
    }

    [Fact]
    public async Task Number_of_partitions_never_changes()
    {
        await CloseAsync();
        await using var log = SqliteEventLog.Open(
            new SqliteStorageOptions { DataDirectory = _harness.Folder, PartitionCount = 9 }, TimeProvider.System,
            NullLogger<SqliteEventLog>.Instance);
        Assert.Equal(4, log.PartitionCount);
    }

    [Fact]
    public async Task Server_and_command_may_create_the_database_at_the_same_moment()
    {
        for (var i = 0; i < 20; i++)
        {
            using var folder = new TempFolder();
            var options = new SqliteStorageOptions { DataDirectory = folder.Path };
            var log = Task.Run(() => Open(folder.Path), Cancelled);
            var database = Task.Run(() => new SqliteDatabase(options), Cancelled);
            await database;
            await (await log).DisposeAsync();
        }
    }

    private SqliteEventLog Open(string folder) => _harness.Open(folder);

    private void Execute(string pragma)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        // The callers pass constants.
#pragma warning disable CA2100
        command.CommandText = pragma;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
