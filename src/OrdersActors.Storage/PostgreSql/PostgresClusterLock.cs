using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Ensures that only one cluster at a time uses a log. Each silo holds an advisory lock on its listening connection and
/// shares it with the silos of its cluster. The lock ends with the silo, whatever the reason, and needs no clock.
/// </summary>
/// <remarks>
/// A silo holds lock (20290, hash of the cluster's id). While it checks for other clusters and takes that lock, it
/// holds lock (20289, 3). So if two clusters start at once, the second one sees the first. A renamed cluster can start
/// when the last silo with the old name has stopped.
/// </remarks>
internal static class PostgresClusterLock
{
    private const string Serialize = "SELECT pg_advisory_xact_lock(20289, 3)";

    private const string Others = """
        SELECT l.objid::bigint FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND d.datname = current_database()
            AND l.classid = 20290 AND l.objsubid = 2 AND l.granted
            AND l.objid::bigint <> hashtext($1)::bigint & 4294967295
        LIMIT 1
        """;

    private const string Take = "SELECT pg_advisory_lock_shared(20290, hashtext($1))";

    private const string Name = """
        SELECT DeploymentId FROM OrleansMembershipVersionTable WHERE hashtext(DeploymentId)::bigint & 4294967295 = $1
        """;

    /// <summary>
    /// Opens the listening connection and takes the lock. Returns null if the options name no cluster.
    /// </summary>
    /// <exception cref="StorageException">
    /// Silos of another cluster use the log, or the database cannot be used.
    /// </exception>
    public static async Task<NpgsqlConnection?> OpenAsync(
        PostgresConnections connections, string? clusterId, CancellationToken cancellationToken)
    {
        if (clusterId is null)
        {
            return null;
        }

        NpgsqlConnection? connection = null;
        try
        {
            connection = await connections.OpenForListenAsync(cancellationToken);
            return await TakeAsync(connection, clusterId, cancellationToken) is { } conflict
                ? throw new StorageException(conflict)
                : Interlocked.Exchange(ref connection, null);
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw new StorageException(
                $"the database in ConnectionStrings:OrdersActors cannot be used: {PostgresErrors.Describe(e)}", e);
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Takes the lock for as long as the connection is open. If another cluster holds it, returns the reason in one
    /// line.
    /// </summary>
    public static async Task<string?> TakeAsync(
        NpgsqlConnection connection, string clusterId, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ScalarAsync(connection, Serialize, null, cancellationToken);
        if (await FindOtherAsync(connection, clusterId, cancellationToken) is { } other)
        {
            await transaction.RollbackAsync(cancellationToken);
            return $"the database is in use by silos of {other}, and OrdersActors:ClusterId is '{clusterId}' here: use "
                + "the same ClusterId on all silos, or another database";
        }

        await ScalarAsync(connection, Take, clusterId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Returns, in words, another cluster whose silos use the log; null if there is none.</summary>
    public static async Task<string?> FindOtherAsync(
        NpgsqlConnection connection, string clusterId, CancellationToken cancellationToken) =>
        await ScalarAsync(connection, Others, clusterId, cancellationToken) is long other
            ? await NameAsync(connection, other, cancellationToken)
            : null;

    private static async Task<string> NameAsync(
        NpgsqlConnection connection, long hash, CancellationToken cancellationToken) =>
        await ScalarAsync(connection, Name, hash, cancellationToken) is string name
            ? $"the cluster '{name}'"
            : "another cluster";

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, object? parameter, CancellationToken cancellationToken)
    {
        // Every caller passes a constant.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        if (parameter is not null)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
