using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Detects an unusable database when the storage is opened, and reports the reason in one line: a standby, a read-only
/// database, an encoding other than UTF8, a transaction pooler, or missing rights.
/// </summary>
internal static class PostgresStartCheck
{
    // With an idle pooler the first round detects it. With a busy one, each connection could get the same session again
    // by chance, so more rounds follow.
    private const int PoolerRounds = 10;

    /// <summary>The fault that is reported if connections do not keep their sessions.</summary>
    public const string Pooler =
        "a connection pooler in transaction mode is in between; servers need sessions: use pool_mode = session, or " +
        "connect directly";

    private const string State = """
        SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on',
            pg_encoding_to_char(encoding), datname FROM pg_database WHERE datname = current_database()
        """;

    /// <summary>Runs all checks.</summary>
    /// <exception cref="StorageException">The database cannot be used; the message is one line.</exception>
    public static async Task RunAsync(PostgresConnections connections, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await connections.OpenAsync(cancellationToken);
            await CheckStateAsync(connection, cancellationToken);
            await using var other = await connections.OpenAsync(cancellationToken);
            if (await IsPooledAsync(connection, other, cancellationToken))
            {
                throw Unusable(Pooler);
            }

            if (await PostgresRights.FindMissingAsync(connection, cancellationToken) is { } missing)
            {
                throw Unusable(missing);
            }
        }
        catch (PostgresException e) when (IsForeignSession(e))
        {
            throw Unusable(Pooler, e);
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw Unusable(PostgresErrors.Describe(e), e);
        }
    }

    /// <summary>Whether a statement was prepared in one session and executed in another.</summary>
    public static bool IsForeignSession(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.DuplicatePreparedStatement;

    private static async Task CheckStateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(State, connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        if (rows.GetBoolean(0))
        {
            throw Unusable($"PostgreSQL at {connection.Host}:{connection.Port} is a standby; servers need the primary");
        }

        if (rows.GetBoolean(1))
        {
            throw Unusable($"the database {rows.GetString(3)} is read-only (default_transaction_read_only is on)");
        }

        if (rows.GetString(2) is not "UTF8" and var encoding)
        {
            throw Unusable(
                $"the database {rows.GetString(3)} has the encoding {encoding} and must have UTF8: " +
                "CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'");
        }
    }

    /// <summary>
    /// Whether two open connections share a session, or one of them changes its session. A transaction pooler gives
    /// each transaction any free session. Prepared statements, LISTEN, advisory locks and session settings would be
    /// lost.
    /// </summary>
    public static async Task<bool> IsPooledAsync(
        NpgsqlConnection one, NpgsqlConnection other, CancellationToken cancellationToken)
    {
        var (first, second) =
            (await SessionAsync(one, 0, cancellationToken), await SessionAsync(other, 0, cancellationToken));
        for (var round = 1; round <= PoolerRounds; round++)
        {
            if (first == second
                || first != await SessionAsync(one, round, cancellationToken)
                || second != await SessionAsync(other, round, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<int> SessionAsync(
        NpgsqlConnection connection, int round, CancellationToken cancellationToken)
    {
        // Each round has a different text, so the statement is never prepared: a prepared one would fail in another
        // session.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand($"SELECT pg_backend_pid() -- round {round}", connection);
#pragma warning restore CA2100
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static StorageException Unusable(string reason, Exception? e = null)
    {
        var message = $"the database in ConnectionStrings:OrdersActors cannot be used: {reason}";
        return e is null ? new StorageException(message) : new StorageException(message, e);
    }
}
