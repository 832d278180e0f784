using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.ApiKeys;
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

    /// <summary>The migration to the third schema as it was released.</summary>
    private const string Version3 = """
        CREATE TABLE scoped_orders (
            organization INTEGER NOT NULL REFERENCES organizations (id),
            name TEXT NOT NULL,
            id INTEGER NOT NULL,
            version INTEGER NOT NULL,
            PRIMARY KEY (organization, name)) WITHOUT ROWID;
        INSERT INTO scoped_orders SELECT organization, name, id, version FROM orders ORDER BY organization, name;
        DROP TABLE orders;
        ALTER TABLE scoped_orders RENAME TO orders;
        CREATE UNIQUE INDEX orders_by_id ON orders (id);
        PRAGMA user_version = 3;
        """;

    /// <summary>The migration to the fourth schema as it was released.</summary>
    private const string Version4 = """
        ALTER TABLE api_keys ADD COLUMN access TEXT NOT NULL DEFAULT 'open'; -- or 'restricted'
        ALTER TABLE api_keys ADD COLUMN expires_at INTEGER; -- this and the other times as created_at
        ALTER TABLE api_keys ADD COLUMN secret_id INTEGER NOT NULL DEFAULT 1; -- the number of protected_secret
        ALTER TABLE api_keys ADD COLUMN secret_created_at INTEGER; -- null: at created_at
        ALTER TABLE api_keys ADD COLUMN next_secret TEXT; -- during a rotation; its number is last_secret_id
        ALTER TABLE api_keys ADD COLUMN next_secret_created_at INTEGER;
        ALTER TABLE api_keys ADD COLUMN last_secret_id INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER; -- to the minute
        PRAGMA user_version = 4;
        """;

    /// <summary>The fourth schema as it was released.</summary>
    internal const string UpToVersion4 = Version1 + Version2 + Version3 + Version4;

    private static readonly IDataProtectionProvider Protection = new EphemeralDataProtectionProvider();

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

    [Theory]
    [InlineData(Version1)]
    [InlineData(Version1 + Version2)]
    [InlineData(Version1 + Version2 + Version3)]
    [InlineData(UpToVersion4)]
    public async Task Keys_of_each_released_version_keep_their_data_and_can_be_changed_after_the_migration(
        string released)
    {
        Make(released);
        var before = Keys();
        var old = await before.CreateAsync("shop", Cancelled);
        await before.RevokeAsync((await before.CreateAsync("shop", Cancelled)).Key, Cancelled);
        var listed = await before.ListAsync(null, Cancelled);
        await Open().DisposeAsync();

        var keys = Keys();
        Assert.Equal(
            listed.Select(key => (key.Key, key.OrganizationId, key.CreatedAt, key.RevokedAt)),
            (await keys.ListAsync(null, Cancelled)).Select(
                key => (key.Key, key.OrganizationId, key.CreatedAt, key.RevokedAt)));
        Assert.All(await keys.ListAsync(null, Cancelled), key =>
        {
            Assert.Equal((ApiKeyAccess.Open, null, null), (key.Access, key.ExpiresAt, key.LastUsedAt));
            Assert.Equal([new ApiKeySecretInfo(1, key.CreatedAt)], key.Secrets);
        });
        var secret = (await keys.RotateAsync(old.Key, Cancelled)).Secret!;
        Assert.Equal(
            [new ApiKeySecret(2, secret), new ApiKeySecret(1, old.Secret)],
            (await keys.FindAsync(old.Key, Cancelled))!.Secrets);
    }

    [Fact]
    public async Task Previous_statements_create_a_key_and_find_a_valid_secret_in_every_phase_of_a_rotation()
    {
        await Open().DisposeAsync();
        var keys = Keys();
        var protector = ApiKeyProtection.ForSecrets(Protection);
        // The statements of the previous version.
        Make($"""
            INSERT INTO api_keys (key, organization, protected_secret, created_at)
            VALUES ('oak_2', 'shop', '{protector.Protect("oas_1")}', 1000)
            """);
        Assert.Equal([new ApiKeySecret(1, "oas_1")], (await keys.FindAsync("oak_2", Cancelled))!.Secrets);
        var second = (await keys.RotateAsync("oak_2", Cancelled)).Secret!;
        Assert.Equal("oas_1", PreviousSecret());
        await keys.EndRotationAsync("oak_2", keepNewer: true, Cancelled);
        Assert.Equal(second, PreviousSecret());
        Make("UPDATE api_keys SET revoked_at = 2000 WHERE key = 'oak_2' AND revoked_at IS NULL");
        Assert.True((await keys.FindAsync("oak_2", Cancelled))!.IsRevoked);

        string PreviousSecret() => protector.Unprotect(
            (string)Scalar("SELECT organization, protected_secret, revoked_at FROM api_keys WHERE key = 'oak_2'", 1));
    }

    [Fact]
    public async Task Change_that_an_older_schema_cannot_store_is_refused_and_changes_nothing()
    {
        Make(Version1 + Version2 + Version3);
        var keys = Keys();
        var key = await keys.CreateAsync("shop", Cancelled);
        Func<Task>[] changes =
        [
            () => keys.CreateAsync("shop", new ApiKeySettings(ApiKeyAccess.Restricted), Cancelled),
            () => keys.CreateAsync("shop", new ApiKeySettings(ExpiresAt: DateTimeOffset.MaxValue), Cancelled),
            () => keys.UpdateAsync(key.Key, new ApiKeyUpdate(ApiKeyAccess.Restricted), Cancelled),
            () => keys.RotateAsync(key.Key, Cancelled),
            () => keys.EndRotationAsync(key.Key, keepNewer: true, Cancelled),
        ];
        foreach (var change in changes)
        {
            var e = await Assert.ThrowsAsync<StorageException>(change);
            Assert.Contains("start the server of this version", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }

        Assert.Equal(3L, Scalar("PRAGMA user_version"));
        Assert.Equal([new ApiKeySecret(1, key.Secret)], (await keys.FindAsync(key.Key, Cancelled))!.Secrets);
        // The same store works as soon as a server has migrated the database.
        await Open().DisposeAsync();
        Assert.Equal(KeyChangeOutcome.Changed, (await keys.RotateAsync(key.Key, Cancelled)).Outcome);
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

    private SqliteApiKeyStore Keys() =>
        new(new SqliteStorageOptions { DataDirectory = _folder.Path }, Protection, _time);

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
