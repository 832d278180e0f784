using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteSchemaTests : IDisposable
{
    /// <summary>The first schema as it was released, with one organization, three events and one key.</summary>
    internal const string Version1 = """
        CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE organizations (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            sequence INTEGER NOT NULL);
        CREATE TABLE orders (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            organization INTEGER NOT NULL REFERENCES organizations (id),
            version INTEGER NOT NULL);
        CREATE TABLE events (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            partition INTEGER NOT NULL,
            organization INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            order_ref INTEGER NOT NULL,
            version INTEGER NOT NULL,
            event_id TEXT NOT NULL,
            status TEXT NOT NULL,
            occurred_at INTEGER NOT NULL, -- microseconds since 1970, UTC
            details TEXT);
        CREATE INDEX events_by_partition ON events (partition); -- and position, which every index ends with
        CREATE UNIQUE INDEX events_by_organization ON events (organization, sequence);
        CREATE UNIQUE INDEX events_by_order ON events (order_ref, version);
        CREATE UNIQUE INDEX events_by_id ON events (organization, event_id);
        CREATE TABLE checkpoints (partition INTEGER PRIMARY KEY, position INTEGER NOT NULL);
        CREATE TABLE api_keys (
            key TEXT PRIMARY KEY,
            organization TEXT NOT NULL,
            protected_secret TEXT NOT NULL,
            created_at INTEGER NOT NULL, -- milliseconds since 1970, UTC
            revoked_at INTEGER) WITHOUT ROWID;
        INSERT INTO settings VALUES ('partition_count', '4');
        INSERT INTO organizations (name, sequence) VALUES ('shop', 3);
        INSERT INTO orders (name, organization, version) VALUES ('o-1', 1, 2), ('o-2', 1, 1);
        INSERT INTO events (partition, organization, sequence, order_ref, version, event_id, status, occurred_at)
        VALUES (1, 1, 1, 1, 1, 'e-1', 'created', 0), (1, 1, 2, 2, 1, 'e-2', 'created', 0),
            (1, 1, 3, 1, 2, 'e-3', 'paid', 0);
        INSERT INTO checkpoints VALUES (1, 3);
        INSERT INTO api_keys VALUES ('oak_1', 'shop', 'protected', 0, NULL);
        PRAGMA user_version = 1;
        """;

    /// <summary>The migration to the second schema as it was released, with data.</summary>
    private const string Version2 = """
        ALTER TABLE organizations ADD COLUMN earliest INTEGER NOT NULL DEFAULT 1;
        CREATE TABLE time_marks (
            at INTEGER PRIMARY KEY, -- milliseconds since 1970, UTC
            position INTEGER NOT NULL); -- the newest that was committed then
        INSERT INTO organizations (name, sequence) VALUES ('other', 1);
        INSERT INTO orders (name, organization, version) VALUES ('o-3', 2, 1);
        INSERT INTO events (partition, organization, sequence, order_ref, version, event_id, status, occurred_at)
        VALUES (2, 2, 1, 3, 1, 'e-1', 'created', 0);
        PRAGMA user_version = 2;
        """;

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<SqliteEventLog> _logger = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Database_of_the_first_version_keeps_its_data_and_its_events_age_from_the_migration()
    {
        MakeVersion1();
        var limits = new RetentionLimits(TimeSpan.FromDays(30), 100, 100, TimeSpan.FromMinutes(1));
        for (var i = 0; i < 2; i++)
        {
            await using var log = Open();
            Assert.Equal(
                new OrganizationHead(3, 1),
                await log.GetOrganizationHeadAsync("shop", TestContext.Current.CancellationToken));
            Assert.Equal(
                new OrderHead(2, 1), await log.GetOrderHeadAsync("shop", "o-1", TestContext.Current.CancellationToken));
            var events = await log.ReadOrganizationAsync("shop", 0, 10, TestContext.Current.CancellationToken);
            Assert.Equal(["e-1", "e-2", "e-3"], events.Select(e => e.Id));
            Assert.False((await log.TrimAsync(limits, TestContext.Current.CancellationToken)).IsMore);
        }

        _time.Advance(limits.MaxAge);
        await using var later = Open();
        await later.TrimAsync(limits, TestContext.Current.CancellationToken);
        Assert.Equal(
            new OrganizationHead(3, 4),
            await later.GetOrganizationHeadAsync("shop", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Database_of_the_first_version_is_trimmed_by_number_like_any_other()
    {
        MakeVersion1();
        await using var log = Open();
        await log.TrimAsync(
            new RetentionLimits(TimeSpan.FromDays(30), 1, 1, TimeSpan.FromMinutes(1)),
            TestContext.Current.CancellationToken);
        Assert.Equal(
            new OrganizationHead(3, 3),
            await log.GetOrganizationHeadAsync("shop", TestContext.Current.CancellationToken));
        Assert.Equal(
            new OrderHead(2, 2), await log.GetOrderHeadAsync("shop", "o-1", TestContext.Current.CancellationToken));
        Assert.Equal(
            new OrderHead(1, 1), await log.GetOrderHeadAsync("shop", "o-2", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Database_of_the_second_version_keeps_its_numbers_and_scopes_order_ids_to_organizations()
    {
        Make(Version1 + Version2);
        string epoch;
        await using (var log = Open())
        {
            epoch = log.Epoch;
            Assert.Equal(new OrderHead(2, 1), await log.GetOrderHeadAsync("shop", "o-1", Cancelled));
            Assert.Equal(new OrderHead(1, 1), await log.GetOrderHeadAsync("other", "o-3", Cancelled));
            Assert.Null(await log.GetOrderHeadAsync("other", "o-1", Cancelled));
            Assert.Equal(3, await log.GetCheckpointAsync(1, Cancelled));
            // Before the migration, the other organization used each of these order ids.
            Assert.Equal((2L, 1L), await AppendAsync(log, "other", "o-1"));
            Assert.Equal((4L, 1L), await AppendAsync(log, "shop", "o-3"));
            Assert.Equal((5L, 3L), await AppendAsync(log, "shop", "o-1"));
            Assert.Equal((6L, 1L), await AppendAsync(log, "shop", "o-4"));
            var events = await log.ReadOrderAsync("shop", "o-1", 0, 10, Cancelled);
            Assert.Equal(["e-1", "e-3"], events.Take(2).Select(e => e.Id));
            Assert.Equal([1L, 2L, 3L], events.Select(e => e.Version));
        }

        // The migration starts the first epoch without a warning, and the epoch stays.
        Assert.Equal([1004], _logger.Ids);
        await using var again = Open();
        Assert.Equal(epoch, again.Epoch);
        Assert.Equal(new OrderHead(1, 1), await again.GetOrderHeadAsync("other", "o-1", Cancelled));
        Assert.Equal([1004], _logger.Ids);
    }

    [Fact]
    public async Task Keys_work_with_an_older_schema_and_do_not_migrate_it()
    {
        Make(Version1);
        var store = new SqliteApiKeyStore(
            new SqliteStorageOptions { DataDirectory = _folder.Path }, new EphemeralDataProtectionProvider(), _time);
        var created = await store.CreateAsync("shop", Cancelled);
        Assert.Equal(2, (await store.ListAsync("shop", Cancelled)).Count);
        Assert.NotNull(await store.RevokeAsync(created.Key, Cancelled));
        Assert.Equal(1L, Scalar("PRAGMA user_version"));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'time_marks'"));
    }

    [Fact]
    public async Task Order_is_found_with_one_index_lookup()
    {
        await Open().DisposeAsync();
        Assert.Equal(
            "SEARCH orders USING PRIMARY KEY (organization=? AND name=?)",
            Scalar(
                "EXPLAIN QUERY PLAN SELECT id, version FROM orders WHERE organization = 1 AND name = 'o'", column: 3));
        Assert.Contains(
            "USING COVERING INDEX orders_by_id",
            (string)Scalar("EXPLAIN QUERY PLAN SELECT name FROM orders WHERE id = 1", column: 3),
            StringComparison.Ordinal);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<(long Sequence, long Version)> AppendAsync(
        IEventLog log, string organization, string order)
    {
        var e = (await log.AppendAsync(
            organization, [new OrderStatusEvent { OrderId = order, Status = "s" }], Cancelled))[0];
        return (e.Sequence, e.Version);
    }

    private SqliteEventLog Open() =>
        SqliteEventLog.Open(new SqliteStorageOptions { DataDirectory = _folder.Path }, _time, _logger);

    private object Scalar(string sql, int column = 0)
    {
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_folder.Path, "orders.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        // The callers pass constants.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        using var rows = command.ExecuteReader();
        rows.Read();
        return rows.GetValue(column);
    }

    private void MakeVersion1() => Make(Version1);

    private void Make(string script)
    {
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_folder.Path, "orders.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        // The callers pass constants.
#pragma warning disable CA2100
        command.CommandText = script;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
