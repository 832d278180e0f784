using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteEpochTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RecordingLogger<SqliteEventLog> _logger = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_folder.Path, "orders.db");

    private string MarkFile => Path.Combine(_folder.Path, "orders.mark");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task New_database_gets_an_epoch_without_a_warning_and_its_mark_follows_every_commit()
    {
        await using var log = Open();
        Assert.Equal(new SqliteMarkContent(log.Epoch, 0), SqliteMark.Read(_folder.Path));
        for (var i = 1; i <= 3; i++)
        {
            await AppendAsync(log, 1);
            Assert.Equal(new SqliteMarkContent(log.Epoch, i), SqliteMark.Read(_folder.Path));
        }

        Assert.Empty(_logger.Ids);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(MarkFile));
        }
    }

    [Fact]
    public async Task Restored_backup_begins_a_new_epoch_and_is_reported_once()
    {
        var ended = await RunAsync(5);
        File.Copy(Database, Database + ".backup");
        Assert.Equal(ended, await RunAsync(5));
        File.Move(Database + ".backup", Database, overwrite: true);
        var begun = OrderMetrics.EpochsBegun;
        var epoch = await RunAsync(1);
        Assert.NotEqual(ended, epoch);
        Assert.Equal([1003], _logger.Ids);
        Assert.Contains("position 5, but its mark at 10", _logger.Text, StringComparison.Ordinal);
        Assert.True(OrderMetrics.EpochsBegun > begun);
        Assert.Equal(epoch, await RunAsync(1));
        Assert.Equal([1003], _logger.Ids);
    }

    [Fact]
    public async Task Restored_backup_that_caught_up_is_recognized_in_another_folder()
    {
        var ended = await RunAsync(5);
        using var other = new TempFolder();
        File.Copy(Database, Path.Combine(other.Path, "orders.db"));
        await using var log = Open(other.Path);
        Assert.NotEqual(ended, log.Epoch);
        Assert.Equal([1003], _logger.Ids);
        await AppendAsync(log, 5);
        await log.DisposeAsync();
        await RunAsync(2);
        // The database is past this folder's mark, but in another epoch.
        File.Copy(Path.Combine(other.Path, "orders.db"), Database, overwrite: true);
        Assert.NotEqual(ended, await RunAsync(1));
        Assert.Equal([1003, 1003], _logger.Ids);
    }

    [Fact]
    public async Task Killed_server_keeps_its_epoch()
    {
        await using var log = Open();
        await AppendAsync(log, 20);
        using var crashed = new TempFolder();
        foreach (var file in Directory.GetFiles(_folder.Path, "orders.*"))
        {
            File.Copy(file, Path.Combine(crashed.Path, Path.GetFileName(file)));
        }

        await using var next = Open(crashed.Path);
        Assert.Equal(log.Epoch, next.Epoch);
        // 1006: the copies may have the same time, which is checked.
        Assert.DoesNotContain(_logger.Ids, id => id != 1006);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("OrdersActors mark 1\nepoch {0}\nposition 00000000000000000x5\n")]
    [InlineData("OrdersActors mark 1\nepoch another1\nposition 0000000000000000005\n")]
    [InlineData("OrdersActors mark 1\nepoch {0}\nposition 0000000000000000006\n")]
    public async Task Mark_that_does_not_match_begins_a_new_epoch(string? mark)
    {
        var ended = await RunAsync(5);
        File.Delete(MarkFile);
        if (mark is not null)
        {
            await File.WriteAllTextAsync(MarkFile, mark.Replace("{0}", ended, StringComparison.Ordinal), Cancelled);
        }

        Assert.NotEqual(ended, await RunAsync(0));
        Assert.Equal([1003], _logger.Ids);
    }

    [Fact]
    public async Task Mark_behind_the_database_is_accepted_as_the_result_of_a_power_loss()
    {
        var epoch = await RunAsync(5);
        SqliteMark.Create(_folder.Path, epoch, 3).Dispose();
        Assert.Equal(epoch, await RunAsync(1));
        Assert.Equal(new SqliteMarkContent(epoch, 6), SqliteMark.Read(_folder.Path));
        Assert.Empty(_logger.Ids);
    }

    [Fact]
    public async Task Checkpoint_ahead_of_the_log_begins_a_new_epoch_and_moves_back()
    {
        await using var log = Open();
        await AppendAsync(log, 5);
        var partition = log.PartitionOf("shop");
        var ended = log.Epoch;
        using (var connection = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO checkpoints VALUES ($partition, 9)";
            command.Parameters.AddWithValue("$partition", partition);
            command.ExecuteNonQuery();
        }

        Assert.Equal(5, await log.GetCheckpointAsync(partition, Cancelled));
        Assert.NotEqual(ended, log.Epoch);
        Assert.Equal([1003], _logger.Ids);
        Assert.Equal(5, await log.GetCheckpointAsync(partition, Cancelled));
        Assert.Equal([1003], _logger.Ids);
    }

    private SqliteEventLog Open(string? folder = null) => SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = folder ?? _folder.Path, FullDurability = false },
        new FakeTimeProvider(), _logger);

    /// <summary>Runs a server that appends and stops. Returns its epoch.</summary>
    private async Task<string> RunAsync(int events)
    {
        await using var log = Open();
        await AppendAsync(log, events);
        return log.Epoch;
    }

    private static async Task AppendAsync(SqliteEventLog log, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o-1", Status = "s" }], Cancelled);
        }
    }
}
