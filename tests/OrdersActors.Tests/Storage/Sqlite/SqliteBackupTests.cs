using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteBackupTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TempFolder _backups = new();
    private readonly RecordingLogger<SqliteEventLog> _logger = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private SqliteStorageOptions Options => new() { DataDirectory = _folder.Path, FullDurability = false };

    private string File1 => Path.Combine(_backups.Path, "orders.bak");

    [Fact]
    public async Task Backup_during_appends_is_a_consistent_snapshot_and_can_be_restored()
    {
        var log = Open();
        await AppendAsync(log, 200);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var appending = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await AppendAsync(log, 20);
                }
            },
            Cancelled);
        var backup = SqliteBackup.Run(Options, File1, TimeProvider.System, Cancelled);
        await stop.CancelAsync();
        await appending;
        var sequence = (await log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence;
        Assert.InRange(backup.Events, 200, sequence);
        Assert.Equal(log.Epoch, backup.Epoch);
        await log.DisposeAsync();

        Assert.Equal(backup.Events, SqliteRestore.Run(Options, File1, TimeProvider.System).Events);
        await using var restored = Open();
        var events = await restored.ReadOrganizationAsync("shop", 0, int.MaxValue, Cancelled);
        Assert.Equal(Enumerable.Range(1, (int)backup.Events).Select(i => (long)i), events.Select(e => e.Sequence));
    }

    [Fact]
    public async Task Backup_is_private_and_a_single_file()
    {
        await Open().DisposeAsync();
        SqliteBackup.Run(Options, File1, TimeProvider.System, Cancelled);
        Assert.Equal([File1], Directory.GetFiles(_backups.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File1));
        }
    }

    [Fact]
    public async Task Existing_file_is_not_replaced()
    {
        await Open().DisposeAsync();
        await File.WriteAllTextAsync(File1, "an older backup", Cancelled);
        var e = Assert.Throws<StorageException>(() => SqliteBackup.Run(Options, File1, TimeProvider.System, Cancelled));
        Assert.Contains(File1, e.Message, StringComparison.Ordinal);
        Assert.Equal("an older backup", await File.ReadAllTextAsync(File1, Cancelled));
    }

    [Fact]
    public void Folder_without_a_database_is_refused_and_stays_empty()
    {
        Assert.Throws<StorageException>(() => SqliteBackup.Run(Options, File1, TimeProvider.System, Cancelled));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.Empty(Directory.GetFileSystemEntries(_backups.Path));
    }

    [Fact]
    public async Task Cancelled_backup_leaves_no_file()
    {
        await Open().DisposeAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Assert.ThrowsAny<OperationCanceledException>(
            () => SqliteBackup.Run(Options, File1, TimeProvider.System, cancelled.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_backups.Path));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _backups.Dispose();
    }

    private SqliteEventLog Open() => SqliteEventLog.Open(Options, TimeProvider.System, _logger);

    private static Task AppendAsync(SqliteEventLog log, int count) => log.AppendAsync(
        "shop",
        [.. Enumerable.Range(0, count).Select(i => new OrderStatusEvent
        {
            Id = Guid.NewGuid().ToString("N"), OrderId = $"o-{i % 10}", Status = "s",
        })],
        Cancelled);
}
