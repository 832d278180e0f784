using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// One cluster at a time uses a log. Each silo holds an advisory lock, shared with the silos of its cluster, on its listening connection:
/// it goes with the silo, however that ends, and needs no clock.
/// </summary>
/// <remarks>
/// Lock (20290, hash of the cluster's id) is held by its silos; (20289, 3) is held while a silo looks for others and takes it, so two
/// clusters that start at once do not both find nobody. A renamed cluster starts when the last silo under the old name has gone.
/// </remarks>
internal static class PostgresClusterLock
{
    private const string Serialize = "SELECT pg_advisory_xact_lock(20289, 3)";

    private const string Others = """
        SELECT l.objid::bigint FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND d.datname = current_database() AND l.classid = 20290 AND l.objsubid = 2 AND l.granted
            AND l.objid::bigint <> hashtext($1)::bigint & 4294967295
        LIMIT 1
        """;

    private const string Take = "SELECT pg_advisory_lock_shared(20290, hashtext($1))";

    private const string Name = """
        SELECT DeploymentId FROM OrleansMembershipVersionTable WHERE hashtext(DeploymentId)::bigint & 4294967295 = $1
        """;

    /// <summary>Opens the connection to listen on, and takes the lock; null if the options name no cluster.</summary>
    /// <exception cref="StorageException">Silos of another cluster have the log open, or the database cannot be used.</exception>
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
            connection = await connections.OpenForNewsAsync(cancellationToken);
            return await TakeAsync(connection, clusterId, cancellationToken) is { } refusal
                ? throw new StorageException(refusal)
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

    /// <summary>Takes the lock for as long as the connection is open. Returns the reason, in one line, if another cluster holds it.</summary>
    public static async Task<string?> TakeAsync(NpgsqlConnection connection, string clusterId, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ScalarAsync(connection, Serialize, null, cancellationToken);
        if (await ScalarAsync(connection, Others, clusterId, cancellationToken) is long other)
        {
            await transaction.RollbackAsync(cancellationToken);
            return $"the database is in use by silos of {await NameAsync(connection, other, cancellationToken)}, and OrdersActors:ClusterId is "
                + $"'{clusterId}' here: use the same ClusterId on all silos, or another database";
        }

        await ScalarAsync(connection, Take, clusterId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private static async Task<string> NameAsync(NpgsqlConnection connection, long hash, CancellationToken cancellationToken) =>
        await ScalarAsync(connection, Name, hash, cancellationToken) is string name ? $"the cluster '{name}'" : "another cluster";

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
