using Microsoft.Data.Sqlite;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;
using static OrdersActors.Storage.Sqlite.SqliteStatement;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RecordingLogger<SqliteEventLog> _logger = new();

    private string File => Path.Combine(_folder.Path, SqliteDatabase.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Missing_folder_and_database_are_created_and_keep_the_number_of_partitions()
    {
        var options = Options(Path.Combine(_folder.Path, "new"));
        options.PartitionCount = 7;
        Assert.Equal(7, new SqliteDatabase(options, _logger).PartitionCount);
        options.PartitionCount = 3;
        Assert.Equal(7, new SqliteDatabase(options, _logger).PartitionCount);
        Assert.Empty(_logger.Ids);
    }

    [Theory]
    [InlineData(true, 2L)]
    [InlineData(false, 1L)]
    public void Durability_decides_how_a_commit_is_flushed(bool isFull, long synchronous)
    {
        var options = Options(_folder.Path);
        options.FullDurability = isFull;
        using var connection = new SqliteDatabase(options, _logger).Open();
        Assert.Equal(synchronous, Scalar(connection, "PRAGMA synchronous"));
        Assert.Equal("wal", Scalar(connection, "PRAGMA journal_mode"));
        Assert.Equal(1L, Scalar(connection, "PRAGMA foreign_keys"));
    }

    [Fact]
    public void File_that_is_not_a_database_is_reported_with_its_path()
    {
        System.IO.File.WriteAllText(File, new string('x', 10_000));
        var e = Assert.Throws<StorageException>(() => new SqliteDatabase(Options(_folder.Path), _logger));
        Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Server_migrates_an_older_schema_and_a_command_does_not()
    {
        _ = new SqliteDatabase(Options(_folder.Path), _logger);
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            // The schema of version 2, as far as the later migrations need it.
            connection.Open();
            Scalar(connection, "DROP TABLE api_keys");
            Scalar(connection, """
                CREATE TABLE api_keys (
                    key TEXT PRIMARY KEY, organization TEXT NOT NULL, protected_secret TEXT NOT NULL,
                    created_at INTEGER NOT NULL, revoked_at INTEGER) WITHOUT ROWID
                """);
            Scalar(connection, "DROP TABLE orders");
            Scalar(connection, """
                CREATE TABLE orders (
                    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, organization INTEGER NOT NULL,
                    version INTEGER NOT NULL)
                """);
            Scalar(connection, "DROP TABLE partition_spans");
            Scalar(connection, "CREATE INDEX events_by_partition ON events (partition)");
            Scalar(connection, "PRAGMA user_version = 2");
        }

        Assert.Equal(0, new SqliteDatabase(Options(_folder.Path)).PartitionCount);
        Assert.Empty(_logger.Ids);
        Assert.Equal(4, new SqliteDatabase(Options(_folder.Path), _logger).PartitionCount);
        Assert.Equal([1004], _logger.Ids);
        Assert.Contains("from schema 2 to schema 5", _logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_logged_once_and_only_by_the_server_that_owns_the_folder()
    {
        var database = new SqliteDatabase(Options(_folder.Path), _logger);
        database.Report(new SqliteException("the disk is full", 13));
        Assert.Empty(_logger.Ids);
        database.Report(new SqliteException("damaged", 11));
        database.Report(new SqliteException("damaged", 11));
        new SqliteDatabase(Options(_folder.Path)).Report(new SqliteException("damaged", 11));
        Assert.Equal([1007], _logger.Ids);
    }

    [Fact]
    public void Write_ahead_log_shrinks_after_a_reader_that_held_it()
    {
        const long limit = 16 * 1024 * 1024;
        using var test = new SqliteTestDatabase();
        var log = Path.Combine(test.Folder, SqliteDatabase.FileName + "-wal");
        var details = $$"""{"a":"{{new string('x', 60_000)}}"}""";
        var next = 0;
        using (var reader = test.Database.Open())
        {
            using var transaction = reader.BeginTransaction(deferred: true);
            using var command = reader.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "SELECT count(*) FROM events";
            command.ExecuteScalar();
            while (new FileInfo(log).Length < 2 * limit)
            {
                Assert.True(next < 2000, $"The log has only {new FileInfo(log).Length} bytes");
                Store(20);
            }
        }

        // One commit copies the log into the database, and the next one begins the log again.
        for (var i = 0; i < 5; i++)
        {
            Store(1);
        }

        Assert.True(new FileInfo(log).Length <= limit, $"The log still has {new FileInfo(log).Length} bytes");

        void Store(int count) => test.Store("shop", [.. Enumerable.Range(0, count).Select(_ => new OrderStatusEvent
        {
            OrderId = "o", Id = $"{next++}", Status = "s", Details = details,
        })]);
    }

    private static SqliteStorageOptions Options(string folder) => new() { DataDirectory = folder };
}
