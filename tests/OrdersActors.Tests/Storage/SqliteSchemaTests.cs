using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage;

public sealed class SqliteSchemaTests : IDisposable
{
    /// <summary>The first schema as it was released, with an organization's three events and a key.</summary>
    private const string Version1 = """
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
        VALUES (1, 1, 1, 1, 1, 'e-1', 'created', 0), (1, 1, 2, 2, 1, 'e-2', 'created', 0), (1, 1, 3, 1, 2, 'e-3', 'paid', 0);
        INSERT INTO checkpoints VALUES (1, 3);
        INSERT INTO api_keys VALUES ('oak_1', 'shop', 'protected', 0, NULL);
        PRAGMA user_version = 1;
        """;

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_database_of_the_first_version_keeps_what_it_holds_and_its_events_age_from_then_on()
    {
        MakeVersion1();
        var limits = new RetentionLimits(TimeSpan.FromDays(30), 100, 100, TimeSpan.FromMinutes(1));
        for (var i = 0; i < 2; i++)
        {
            await using var log = Open();
            Assert.Equal(new OrganizationHead(3, 1), await log.GetOrganizationHeadAsync("shop", TestContext.Current.CancellationToken));
            Assert.Equal(new OrderHead(2, 1), await log.GetOrderHeadAsync("shop", "o-1", TestContext.Current.CancellationToken));
            var events = await log.ReadOrganizationAsync("shop", 0, 10, TestContext.Current.CancellationToken);
            Assert.Equal(["e-1", "e-2", "e-3"], events.Select(e => e.Id));
            Assert.False(await log.TrimAsync(limits, TestContext.Current.CancellationToken));
        }

        _time.Advance(limits.MaxAge);
        await using var later = Open();
        await later.TrimAsync(limits, TestContext.Current.CancellationToken);
        Assert.Equal(new OrganizationHead(3, 4), await later.GetOrganizationHeadAsync("shop", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_database_of_the_first_version_is_cut_by_number_as_any_other()
    {
        MakeVersion1();
        await using var log = Open();
        await log.TrimAsync(
            new RetentionLimits(TimeSpan.FromDays(30), 1, 1, TimeSpan.FromMinutes(1)), TestContext.Current.CancellationToken);
        Assert.Equal(new OrganizationHead(3, 3), await log.GetOrganizationHeadAsync("shop", TestContext.Current.CancellationToken));
        Assert.Equal(new OrderHead(2, 2), await log.GetOrderHeadAsync("shop", "o-1", TestContext.Current.CancellationToken));
        Assert.Equal(new OrderHead(1, 1), await log.GetOrderHeadAsync("shop", "o-2", TestContext.Current.CancellationToken));
    }

    private SqliteEventLog Open() => SqliteEventLog.Open(
        new SqliteStorageOptions { DataDirectory = _folder.Path }, _time, NullLogger<SqliteEventLog>.Instance);

    private void MakeVersion1()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "orders.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = Version1;
        command.ExecuteNonQuery();
    }
}
