using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

/// <summary>A damaged database is refused at the start. Damage found later does not end a running server.</summary>
public sealed class SqliteDamageCheckTests : IDisposable
{
    private const int PageSize = 4096;

    private readonly TempFolder _folder = new();
    private readonly RecordingLogger<SqliteEventLog> _logger = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_folder.Path, "orders.db");

    [Fact]
    public async Task Damaged_pages_are_refused_at_the_start_in_one_line()
    {
        await FillAsync(500);
        Damage(firstPage: 3);
        var e = Assert.Throws<StorageException>(Open);
        Assert.Contains(Database, e.Message, StringComparison.Ordinal);
        Assert.Contains("restore --from", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task Damaged_pages_found_later_fail_as_unavailable_and_are_logged_once()
    {
        await FillAsync(500);
        await using var log = Open();
        Damage(firstPage: 3);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<EventLogUnavailableException>(
                () => log.ReadOrganizationAsync("shop", 0, 500, Cancelled));
        }

        Assert.Equal(1, _logger.Ids.Count(id => id == 1007));
    }

    [Fact]
    public async Task Stale_write_ahead_log_of_a_replaced_database_is_refused_and_both_files_stay_unchanged()
    {
        await FillAsync(300);
        var old = await File.ReadAllBytesAsync(Database, Cancelled);
        await FillAsync(900);
        await FillAsync(900);
        var log = Open();
        await AppendAsync(log, 400);
        var left = await ReadSharedAsync(Database + "-wal");
        await log.DisposeAsync();

        // A killed server leaves its write-ahead log, and an operator copies a backup over the database.
        await File.WriteAllBytesAsync(Database + "-wal", left, Cancelled);
        await File.WriteAllBytesAsync(Database, old, Cancelled);
        var e = Assert.Throws<StorageException>(Open);
        Assert.Contains("-wal", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.Equal(old, await File.ReadAllBytesAsync(Database, Cancelled));

        // Follow the advice of the error message.
        File.Delete(Database + "-wal");
        await using var restored = Open();
        Assert.Equal(300, (await restored.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
    }

    [Fact]
    public async Task Matching_write_ahead_log_is_used_although_the_database_is_newer()
    {
        var log = Open();
        await AppendAsync(log, 50);
        var left = await ReadSharedAsync(Database + "-wal");
        var database = await ReadSharedAsync(Database);
        await log.DisposeAsync();
        await File.WriteAllBytesAsync(Database + "-wal", left, Cancelled);
        await File.WriteAllBytesAsync(Database, database, Cancelled);
        await using var again = Open();
        Assert.Equal(50, (await again.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
    }

    public void Dispose() => _folder.Dispose();

    private SqliteEventLog Open() => SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = _folder.Path, FullDurability = false }, TimeProvider.System,
        _logger);

    private async Task FillAsync(int count)
    {
        await using var log = Open();
        await AppendAsync(log, count);
    }

    private static Task AppendAsync(SqliteEventLog log, int count) => log.AppendAsync(
        "shop",
        [.. Enumerable.Range(0, count).Select(i => new OrderStatusEvent
        {
            Id = Guid.NewGuid().ToString("N"), OrderId = $"o-{i % 40}", Status = "s",
            Details = $$"""{"note":"{{new string('x', 300)}}"}""",
        })],
        Cancelled);

    /// <summary>Overwrites the file from a page on with random bytes, like a broken disk.</summary>
    private void Damage(int firstPage)
    {
        using var file = new FileStream(Database, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = firstPage * PageSize;
        var noise = new byte[file.Length - file.Position];
        new Random(1).NextBytes(noise);
        file.Write(noise);
    }

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, Cancelled);
        return bytes;
    }
}
