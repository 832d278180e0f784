using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;
using static OrdersActors.Tests.Storage.Sqlite.SqliteTestDatabase;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteCheckpointerTests : IDisposable
{
    private const int FrameBytes = 4096 + 24;

    // The largest transaction of these tests, and its pages.
    private const int GroupEvents = 20;
    private const int GroupPages = GroupEvents * 17;

    // At the bound, the log begins again with the next commit.
    private const long Bound = (SqliteCheckpointer.MaxPages + (2 * GroupPages)) * (long)FrameBytes;

    private static readonly string Details = $$"""{"a":"{{new string('x', 60_000)}}"}""";

    private readonly SqliteTestDatabase _test = new();
    private SqliteCheckpointer _checkpointer;
    private int _next;

    public SqliteCheckpointerTests()
    {
        _checkpointer = new SqliteCheckpointer(_test.Database, _test.Logger);
        _test.Appender.LeaveCheckpoints();
    }

    private long LogBytes => new FileInfo(Path.Combine(_test.Folder, SqliteDatabase.FileName + "-wal")).Length;

    private long DatabaseBytes => new FileInfo(Path.Combine(_test.Folder, SqliteDatabase.FileName)).Length;

    public void Dispose()
    {
        _checkpointer.Dispose();
        _test.Dispose();
    }

    [Fact]
    public void Log_is_bounded_under_constant_load()
    {
        var largest = 0L;
        for (var i = 0; i < 3 * SqliteCheckpointer.MaxPages / GroupPages; i++)
        {
            Commit();
            largest = Math.Max(largest, LogBytes);
        }

        Assert.InRange(largest, SqliteCheckpointer.RestartPages * (long)FrameBytes, Bound);
        Assert.Empty(_test.Logger.Ids);
    }

    [Fact]
    public async Task Log_grows_while_a_reader_holds_it_and_is_copied_and_truncated_after_it()
    {
        using (var reader = _test.Database.Open())
        {
            using var snapshot = reader.BeginTransaction(deferred: true);
            using var command = reader.CreateCommand();
            command.Transaction = snapshot;
            command.CommandText = "SELECT count(*) FROM events";
            command.ExecuteScalar();
            while (LogBytes < Bound)
            {
                Commit();
            }

            Assert.True(DatabaseBytes < Bound / 2, "The reader did not hold the log");
        }

        await Eventually.Holds(
            () =>
            {
                Commit();
                return LogBytes <= 16 * 1024 * 1024;
            },
            () => $"The log still has {LogBytes} bytes");
        Assert.Empty(_test.Logger.Ids);
        Assert.Equal("ok", _test.Scalar("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task Failure_is_reported_once_and_copying_resumes()
    {
        // The writer's files are open and work. The checkpointer cannot open the database.
        var away = _test.Folder + "-away";
        Directory.Move(_test.Folder, away);
        try
        {
            await Eventually.Holds(
                () =>
                {
                    Commit();
                    return _test.Logger.Ids.Length > 0;
                },
                () => "Nothing was reported");
            for (var i = 0; i < 2 * SqliteCheckpointer.RestartPages / GroupPages; i++)
            {
                Commit();
            }
        }
        finally
        {
            Directory.Move(away, _test.Folder);
        }

        var before = DatabaseBytes;
        await Eventually.Holds(
            () =>
            {
                Commit();
                return DatabaseBytes > before;
            },
            () => "Nothing was copied");
        Assert.Equal([1008], _test.Logger.Ids);
        Assert.Contains("cannot be opened", _test.Logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Copy_returns_the_pages_that_a_reader_keeps_in_the_log()
    {
        // The checkpointer's own thread must not copy at the same time: SQLite refuses the second copy.
        using var connection = _test.Database.Open();
        Store();
        Assert.Equal(0, SqliteCheckpointer.Copy(connection));
        using (var reader = _test.Database.Open())
        {
            using var snapshot = reader.BeginTransaction(deferred: true);
            using var command = reader.CreateCommand();
            command.Transaction = snapshot;
            command.CommandText = "SELECT count(*) FROM events";
            command.ExecuteScalar();
            Store();
            Assert.InRange(SqliteCheckpointer.Copy(connection), GroupEvents, GroupPages);
        }

        Assert.Equal(0, SqliteCheckpointer.Copy(connection));
    }

    [Fact]
    public void Dispose_while_copying_ends_and_leaves_a_complete_database()
    {
        for (var i = 0; i < SqliteCheckpointer.RestartPages / GroupPages * 2; i++)
        {
            Commit();
        }

        _checkpointer.Dispose();
        Assert.Equal((long)_next, _test.Scalar("SELECT count(*) FROM events"));
        _checkpointer = new SqliteCheckpointer(_test.Database, _test.Logger);
    }

    private void Commit()
    {
        Store();
        _checkpointer.OnCommitted(_test.Appender);
    }

    private void Store() => _test.Store("shop", [.. Enumerable.Range(0, GroupEvents).Select(i =>
        Event($"o-{i}", $"{_next++}") with { Details = Details })]);
}
