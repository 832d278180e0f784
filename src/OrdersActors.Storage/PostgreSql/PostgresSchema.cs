using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The schema and its versions. Each version is a script that is run once, in order, all of them in one transaction; a table
/// says which was the last. Scripts that have been released are never changed.
/// </summary>
internal static class PostgresSchema
{
    // What one silo does, or waits for while another does it. A later version may have to go through all events.
    private const int MigrationSeconds = 600;

    private static readonly string[] Versions = [Script("1-event-log.sql"), Script("2-orleans-membership.sql"), Script("3-key-ring.sql")];

    /// <summary>Brings the schema up to date, where it is not, and returns the number of partitions.</summary>
    /// <exception cref="StorageException">The database cannot be used, or is newer than this program.</exception>
    public static async Task<int> MigrateAsync(
        PostgresConnections connections, PostgresStorageOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await connections.OpenAsync(cancellationToken);
            // Looked at before anything is locked or made: a role that may only use the schema must be able to start.
            if (await VersionAsync(connection, cancellationToken) != Versions.Length)
            {
                await MigrateAsync(connection, options.PartitionCount, cancellationToken);
            }

            return await ScalarAsync<int>(connection, "SELECT count(*)::integer FROM partitions", cancellationToken);
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw new StorageException(
                $"the database in ConnectionStrings:OrdersActors cannot be used: {PostgresErrors.Describe(e)}", e);
        }
    }

    private static async Task MigrateAsync(NpgsqlConnection connection, int partitionCount, CancellationToken cancellationToken)
    {
        // Of silos that start at once, one does the work and the others wait here and find it done. The transaction begins only
        // then: one that had begun before would not look again for tables that it has not found.
        await ExecuteAsync(connection, "SELECT pg_advisory_lock(20289, 1)", cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var version = await VersionAsync(connection, cancellationToken);
        if (version > Versions.Length)
        {
            throw new StorageException(
                $"the database has schema {version}, this program knows up to {Versions.Length}: it was used by a newer version");
        }

        if (version is null)
        {
            await MakeAsync(connection, cancellationToken);
        }

        for (var i = version ?? 0; i < Versions.Length; i++)
        {
            await ExecuteAsync(connection, Versions[i], cancellationToken);
        }

        await ExecuteAsync(connection, $"UPDATE schema_version SET version = {Versions.Length}", cancellationToken);
        if (version is null)
        {
            await ExecuteAsync(connection, $"""
                INSERT INTO partitions SELECT generate_series(0, {partitionCount - 1});
                INSERT INTO checkpoints SELECT generate_series(0, {partitionCount - 1});
                """, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        await ExecuteAsync(connection, "SELECT pg_advisory_unlock(20289, 1)", cancellationToken);
    }

    /// <summary>The schema itself, where nobody made it for this role, and the table of its version.</summary>
    private static async Task MakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // IF NOT EXISTS would ask for the right to make schemas even where there is nothing to make.
        if (!await ScalarAsync<bool>(
            connection, $"SELECT to_regnamespace('{PostgresConnections.Schema}') IS NOT NULL", cancellationToken))
        {
            await ExecuteAsync(connection, $"CREATE SCHEMA {PostgresConnections.Schema}", cancellationToken);
        }

        await ExecuteAsync(
            connection,
            "CREATE TABLE schema_version (version integer NOT NULL); INSERT INTO schema_version VALUES (0)",
            cancellationToken);
    }

    /// <summary>The version of the schema; null where there is none yet.</summary>
    private static async Task<int?> VersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await ScalarAsync<bool>(
            connection, $"SELECT to_regclass('{PostgresConnections.Schema}.schema_version') IS NOT NULL", cancellationToken)
            ? await ScalarAsync<int>(connection, "SELECT version FROM schema_version", cancellationToken)
            : null;

    private static string Script(string name)
    {
        using var reader = new StreamReader(typeof(PostgresSchema).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // Only the scripts, constants and numbers get here.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.CommandTimeout = MigrationSeconds;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
