using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>Reads and changes the epoch in the table of settings, which every released schema has.</summary>
internal sealed class SqliteEpochStatements(SqliteConnection connection) : IDisposable
{
    /// <summary>The newest position that was ever assigned, in the newest schema.</summary>
    public const string NewestPosition = """
        max(
            coalesce((SELECT max(position) FROM events), 0),
            coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'newest_removed'), 0))
        """;

    private readonly SqliteStatement _find = new(connection, "SELECT value FROM settings WHERE name = 'epoch'", 0);

    private readonly SqliteStatement _newest = new(
        connection,
        SqliteSchema.Version(connection) >= SqliteSchema.DerivedNumbers
            ? $"SELECT {NewestPosition}"
            : "SELECT seq FROM sqlite_sequence WHERE name = 'events'",
        0);

    private readonly SqliteStatement _set = new(connection, "INSERT OR REPLACE INTO settings VALUES ('epoch', $0)", 1);

    // Does nothing if no checkpoint is ahead.
    private readonly SqliteStatement _moveCheckpoints = new(
        connection, "UPDATE checkpoints SET position = $0 WHERE position > $0", 1);

    public string? Find() => _find.Scalar() as string;

    /// <summary>The newest position that was ever assigned, even if its event has been removed.</summary>
    public long Newest() => _newest.Scalar() is { } value ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;

    /// <summary>Stores an epoch, and moves checkpoints that are ahead of the log back to its end.</summary>
    public void Begin(string epoch)
    {
        _moveCheckpoints[0] = Newest();
        _moveCheckpoints.Execute();
        _set[0] = epoch;
        _set.Execute();
    }

    public void Dispose()
    {
        _find.Dispose();
        _newest.Dispose();
        _set.Dispose();
        _moveCheckpoints.Dispose();
    }
}
