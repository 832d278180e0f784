using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The schema and its versions. Each version is a script that runs once, in order. The file's <c>user_version</c> is
/// the number of the last one that ran. Released scripts must never change.
/// </summary>
internal static class SqliteSchema
{
    // Names are stored once and referred to by number, so that an event row and its index entries stay small.
    private static readonly string[] Versions =
    [
        """
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
        """,
        """
        ALTER TABLE organizations ADD COLUMN earliest INTEGER NOT NULL DEFAULT 1;
        CREATE TABLE time_marks (
            at INTEGER PRIMARY KEY, -- milliseconds since 1970, UTC
            position INTEGER NOT NULL); -- the newest that was committed then
        """,
        // An order is found and updated by its organization and name, on one page of one tree. The index serves the
        // readers of events, which find the name in it without reading the table. Only a new order writes to the index.
        """
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
        """,
        """
        ALTER TABLE api_keys ADD COLUMN access TEXT NOT NULL DEFAULT 'open'; -- or 'restricted'
        ALTER TABLE api_keys ADD COLUMN expires_at INTEGER; -- this and the other times as created_at
        ALTER TABLE api_keys ADD COLUMN secret_id INTEGER NOT NULL DEFAULT 1; -- the number of protected_secret
        ALTER TABLE api_keys ADD COLUMN secret_created_at INTEGER; -- null: at created_at
        ALTER TABLE api_keys ADD COLUMN next_secret TEXT; -- during a rotation; its number is last_secret_id
        ALTER TABLE api_keys ADD COLUMN next_secret_created_at INTEGER;
        ALTER TABLE api_keys ADD COLUMN last_secret_id INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER; -- to the minute
        """,
        // An event of an existing order changes four trees: the table of events and its three unique indexes.
        // 1. A partition is not an index. A row says which partitions have events among 256 positions: bit n for
        //    partition n. So a read of a partition scans few events of others, and few events write to this table.
        // 2. The numbers of an organization and an order are those of their newest events. The columns sequence and
        //    version are lower bounds, which count when the newest events have been removed. The sequence is at most 63
        //    behind. The setting newest_removed is such a bound for positions, which are never used again.
        // 3. Without AUTOINCREMENT, an event does not change sqlite_sequence. The rows stay as they are: only the
        //    table's declaration changes.
        """
        CREATE TABLE partition_spans (span INTEGER PRIMARY KEY, partitions INTEGER NOT NULL);
        INSERT INTO partition_spans
        SELECT span, sum(1 << partition) FROM (SELECT DISTINCT position / 256 AS span, partition FROM events)
        GROUP BY span ORDER BY span;
        INSERT INTO settings SELECT 'newest_removed', seq FROM sqlite_sequence WHERE name = 'events';
        DELETE FROM sqlite_sequence WHERE name = 'events';
        DROP INDEX events_by_partition;
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, ' AUTOINCREMENT', '') WHERE type = 'table' AND name = 'events';
        PRAGMA writable_schema = RESET;
        """,
    ];

    /// <summary>The schema version that this program migrates a database to.</summary>
    public static int Newest => Versions.Length;

    /// <summary>The first schema version with access modes, expiry dates and rotations of API keys.</summary>
    public const int KeyAccess = 4;

    /// <summary>The first schema version whose newest numbers are those of the newest events.</summary>
    public const int DerivedNumbers = 5;

    /// <summary>The number of positions in a row of <c>partition_spans</c>.</summary>
    public const int SpanLength = 256;

    /// <summary>An organization's stored sequence changes when its events pass a multiple of this number.</summary>
    public const int SequenceStep = 64;

    /// <summary>The schema version of a database; 0 if it is empty.</summary>
    /// <exception cref="StorageException">The database is newer than this program.</exception>
    public static int Version(SqliteConnection connection)
    {
        var version = Convert.ToInt32(
            SqliteStatement.Scalar(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);
        return version <= Newest
            ? version
            : throw new StorageException(
                $"the database {connection.DataSource} has schema {version}, this program knows up to {Newest}: " +
                "it was used by a newer version");
    }

    /// <summary>Migrates the schema to the newest version, in one transaction.</summary>
    /// <returns>The number of partitions, and the version that the database had.</returns>
    /// <exception cref="StorageException">The database is newer than this program.</exception>
    public static (int PartitionCount, int Before) Migrate(SqliteConnection connection, int partitionCount)
    {
        // Immediate: if two processes start at once, the second one waits here and then finds the migration done.
        using var transaction = connection.BeginTransaction(deferred: false);
        var before = Version(connection);
        var version = before;
        for (; version < Newest; version++)
        {
            Execute(connection, Versions[version]);
        }

        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}"));
        Execute(connection, string.Create(
            CultureInfo.InvariantCulture,
            $"INSERT OR IGNORE INTO settings VALUES ('partition_count', '{partitionCount}')"));
        var stored = Convert.ToInt32(
            SqliteStatement.Scalar(connection, "SELECT value FROM settings WHERE name = 'partition_count'"),
            CultureInfo.InvariantCulture);
        transaction.Commit();
        return (stored, before);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        // Only the constants above and numbers are executed here.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
