using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

/// <summary>The migration of a database that a released version has used.</summary>
public sealed class SqliteMigrationTests : IDisposable
{
    private const int Events = 1_000_000;

    // 20 organizations with 5000 orders each. Organization 1 is in partition 1, and so on. The newest event is removed.
    private static readonly string Fill = $"""
        DELETE FROM events;
        DELETE FROM orders;
        DELETE FROM organizations;
        DELETE FROM checkpoints;
        DROP INDEX events_by_organization;
        DROP INDEX events_by_order;
        DROP INDEX events_by_id;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Events + 1})
        INSERT INTO events (
            position, partition, organization, sequence, order_ref, version, event_id, status, occurred_at, details)
        SELECT i, i % 20 % 4, i % 20 + 1, (i + 19) / 20, i % 100000 + 1, (i + 99999) / 100000, printf('id-%028d', i),
            'shipped', i, '{/* lang=json */ """{"carrier":"DHL","tracking":"00340434161094042557"}"""}'
        FROM n;
        INSERT INTO organizations (id, name, sequence)
        SELECT organization, 'organization-' || organization, max(sequence) FROM events GROUP BY organization;
        INSERT INTO orders (organization, name, id, version)
        SELECT organization, 'order-' || order_ref, order_ref, max(version) FROM events GROUP BY order_ref;
        DELETE FROM events WHERE position > {Events};
        CREATE UNIQUE INDEX events_by_organization ON events (organization, sequence);
        CREATE UNIQUE INDEX events_by_order ON events (order_ref, version);
        CREATE UNIQUE INDEX events_by_id ON events (organization, event_id);
        """;

    private readonly TempFolder _folder = new();
    private readonly RecordingLogger<SqliteEventLog> _logger = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_folder.Path, SqliteDatabase.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Million_events_are_migrated_in_place_and_continue_their_numbers()
    {
        Execute(SqliteSchemaTests.UpToVersion4 + Fill);
        var before = new FileInfo(File).Length;
        var first = Row("SELECT group_concat(position || event_id) FROM (SELECT * FROM events LIMIT 3)");
        using var holder = Connect();
        Assert.Equal("wal", SqliteStatement.Scalar(holder, "PRAGMA journal_mode = WAL"));
        Assert.Equal(4L, SqliteStatement.Scalar(holder, "PRAGMA user_version"));
        await using var log = Open();
        Assert.Equal([1004], _logger.Ids);
        // The holder keeps the write-ahead log from being removed. Neither the table nor an index is copied.
        Assert.InRange(new FileInfo(File + "-wal").Length, 1, 4 * 1024 * 1024);
        Assert.InRange(new FileInfo(File).Length, 1, before + (1024 * 1024));
        Assert.Equal("ok", Row("PRAGMA integrity_check"));
        Assert.Equal(first, Row("SELECT group_concat(position || event_id) FROM (SELECT * FROM events LIMIT 3)"));
        Assert.Equal(0L, Row("SELECT count(*) FROM sqlite_sequence"));
        Assert.DoesNotContain(
            "AUTOINCREMENT", (string)Row("SELECT sql FROM sqlite_schema WHERE name = 'events'"),
            StringComparison.Ordinal);

        for (var partition = 0; partition < 4; partition++)
        {
            Assert.Equal(
                Enumerable.Range(0, 100).Select(i => (long)(Events / 2) + partition + 4 + (4 * i)),
                (await log.ReadPartitionAsync(partition, Events / 2 + partition, 100, Cancelled))
                    .Select(entry => entry.Position));
        }

        // The removed event had position 1,000,001, and the last numbers of its order and organization.
        Assert.Equal(
            new OrganizationHead(50_001, 1), await log.GetOrganizationHeadAsync("organization-2", Cancelled));
        Assert.Equal(new OrderHead(11, 1), await log.GetOrderHeadAsync("organization-2", "order-2", Cancelled));
        var next = (await log.AppendAsync(
            "organization-2", [new OrderStatusEvent { OrderId = "order-2", Status = "s" }], Cancelled))[0];
        Assert.Equal((50_002L, 12L), (next.Sequence, next.Version));
        Assert.Equal((long)Events + 2, Row("SELECT max(position) FROM events"));
        Assert.Equal(
            new OrganizationHead(50_000, 1), await log.GetOrganizationHeadAsync("organization-7", Cancelled));
    }

    [Fact]
    public async Task Interrupted_migration_leaves_the_released_database()
    {
        // Fails in the last statements of the script.
        Execute(SqliteSchemaTests.UpToVersion4 + "DROP INDEX events_by_partition");
        var e = Assert.Throws<StorageException>(() => Open());
        Assert.DoesNotContain('\n', e.Message);
        Assert.Equal(4L, Row("PRAGMA user_version"));
        Assert.Equal(0L, Row("SELECT count(*) FROM sqlite_schema WHERE name = 'partition_spans'"));
        Assert.Equal(4L, Row("SELECT seq FROM sqlite_sequence WHERE name = 'events'"));
        Execute("CREATE INDEX events_by_partition ON events (partition)");
        await using var log = Open();
        Assert.Equal(new OrganizationHead(3, 1), await log.GetOrganizationHeadAsync("shop", Cancelled));
    }

    [Fact]
    public async Task Position_and_numbers_of_removed_events_are_not_used_again_after_a_vacuum()
    {
        var time = new FakeTimeProvider();
        Execute(SqliteSchemaTests.UpToVersion4);
        await using (var log = Open(time))
        {
            var limits = new RetentionLimits(TimeSpan.FromDays(1), 10, 10, TimeSpan.FromMinutes(1));
            await log.SaveCheckpointAsync(1, 4, log.Epoch, Cancelled);
            await log.SaveCheckpointAsync(2, 4, log.Epoch, Cancelled);
            await log.TrimAsync(limits, Cancelled);
            time.Advance(TimeSpan.FromDays(1));
            Assert.Equal(4, (await log.TrimAsync(limits, Cancelled)).Removed);
        }

        Execute("VACUUM");
        await using var again = Open(time);
        Assert.Equal(4, await again.GetCheckpointAsync(2, Cancelled));
        Assert.Equal(new OrderHead(2, 3), await again.GetOrderHeadAsync("shop", "o-1", Cancelled));
        var next = (await again.AppendAsync(
            "shop", [new OrderStatusEvent { OrderId = "o-1", Status = "s" }], Cancelled))[0];
        Assert.Equal((4L, 3L, 5L), (next.Sequence, next.Version, (long)Row("SELECT max(position) FROM events")));
        Assert.Equal([1004], _logger.Ids);
    }

    private SqliteEventLog Open(TimeProvider? time = null) => SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = _folder.Path }, time ?? TimeProvider.System, _logger);

    private object Row(string sql)
    {
        using var connection = Connect();
        return SqliteStatement.Scalar(connection, sql)!;
    }

    private void Execute(string script)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandTimeout = 600;
        // The callers pass constants.
#pragma warning disable CA2100
        command.CommandText = script;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }
}
