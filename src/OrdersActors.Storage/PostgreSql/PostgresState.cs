using System.Globalization;
using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>The version, the state and the settings of PostgreSQL that matter to this program.</summary>
internal sealed record PostgresState
{
    // A silo holds 13 connections and four more for the membership.
    private const int NeededConnections = 17;

    private const string Query = """
        SELECT current_setting('server_version_num')::integer, pg_is_in_recovery(),
            current_setting('transaction_read_only') = 'on', pg_encoding_to_char(encoding), datname::text,
            current_setting('fsync'), current_setting('synchronous_commit'), current_setting('autovacuum'),
            current_setting('max_connections')::integer,
            (SELECT count(*)::integer FROM pg_stat_activity WHERE backend_type = 'client backend')
        FROM pg_database WHERE datname = current_database()
        """;

    /// <summary>The version number, such as 150004.</summary>
    public required int Version { get; init; }

    public required bool IsStandby { get; init; }

    public required bool IsReadOnly { get; init; }

    public required string Encoding { get; init; }

    public required string Database { get; init; }

    public required string FileSync { get; init; }

    public required string SynchronousCommit { get; init; }

    public required string AutoVacuum { get; init; }

    public required int MaxConnections { get; init; }

    public required int Connections { get; init; }

    public static async Task<PostgresState> ReadAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Query, connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return new PostgresState
        {
            Version = rows.GetInt32(0),
            IsStandby = rows.GetBoolean(1),
            IsReadOnly = rows.GetBoolean(2),
            Encoding = rows.GetString(3),
            Database = rows.GetString(4),
            FileSync = rows.GetString(5),
            SynchronousCommit = rows.GetString(6),
            AutoVacuum = rows.GetString(7),
            MaxConnections = rows.GetInt32(8),
            Connections = rows.GetInt32(9),
        };
    }

    /// <summary>The findings, one for each subject.</summary>
    public IEnumerable<StorageFinding> Findings()
    {
        var version = Version / 10_000;
        yield return version < PostgresDiagnosis.LeastVersion
            ? new("version", $"PostgreSQL has version {version}", $"upgrade it to {PostgresDiagnosis.LeastVersion} "
                + "or later")
            : new("version", $"PostgreSQL has version {version}");
        yield return IsStandby
            ? new("state", "the server is a standby", "name the primary or all hosts in ConnectionStrings:OrdersActors")
            : IsReadOnly
                ? new(
                    "state", $"the database {Database} is read-only (default_transaction_read_only is on)",
                    $"ALTER DATABASE {Database} RESET default_transaction_read_only")
                : new("state", "the server is the primary and can be written");
        yield return Encoding == "UTF8"
            ? new("encoding", "the encoding is UTF8")
            : new(
                "encoding", $"the database {Database} has the encoding {Encoding}",
                "create another one: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'");
        yield return Durability();
        yield return AutoVacuum == "on"
            ? new("autovacuum", "autovacuum is on")
            : new("autovacuum", "autovacuum is off, so the space of removed events is never free", "switch it on");
        yield return Free();
    }

    private StorageFinding Durability() =>
        FileSync != "on"
            ? new("durability", "fsync is off: a power failure loses or damages acknowledged events", "switch fsync on")
        : SynchronousCommit == "off"
            ? new(
                "durability", "synchronous_commit is off: a crash loses acknowledged events",
                "set synchronous_commit to on")
        : new("durability", "a commit waits for the disk");

    private StorageFinding Free()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{Connections} of {MaxConnections} connections are in use");
        return MaxConnections - Connections < NeededConnections
            ? new("connections", $"{text}, and a silo needs {NeededConnections}", "raise max_connections")
            : new("connections", text);
    }
}
