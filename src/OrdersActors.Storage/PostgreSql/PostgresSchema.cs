using System.Diagnostics.CodeAnalysis;
using Npgsql;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The schema and its versions. The first server that starts migrates it. The statements of released scripts must never
/// change.
/// </summary>
/// <remarks>
/// <para><b>Expand, migrate, contract.</b> Servers of two versions run side by side during a rolling upgrade, and a
/// server of the older version may restart on the newer schema. So there are two kinds of scripts:</para>
/// <list type="bullet">
/// <item><b>Versions</b> (<c>schema_version</c>): a server rejects a schema version that is newer than it knows.
/// Raising the version is the contract step: servers of the previous version can no longer run. The current version is
/// 3.</item>
/// <item><b>Expand steps</b> (<c>schema_steps</c>): additions and replacements with which servers of the previous
/// version still work. A server applies the steps that it knows and ignores all others.</item>
/// </list>
/// <para><b>Compatible servers.</b> Servers of the previous versions (schema 3 with no step, or with the step
/// <c>scoped-orders-and-epoch</c>) and of this version run on schema 3 with all steps. Until the
/// last server without the first step has stopped, only newer servers serve an order id that two organizations use. The
/// old server answers <c>unavailable</c> or <c>access_denied</c> for it, and never returns another organization's
/// events. It does not notice a new epoch either; restart it after a restore. Servers without the step
/// <c>key-access</c> treat each key as open and without expiry, and know only the older secret of a rotation
/// (<see cref="ApiKeys.ApiKeyRow"/>).</para>
/// </remarks>
internal static class PostgresSchema
{
    // One server migrates and the others wait for it. Building an index on millions of orders takes seconds.
    private const int MigrationSeconds = 600;

    // A statement that waits for a lock blocks every statement behind it. So it gives up after a short time and is
    // retried.
    private const string LockTimeout = "SET LOCAL lock_timeout = '2s'";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>The newest schema version that this program knows.</summary>
    public static int NewestVersion => Versions.Length;

    /// <summary>The last expand step that this program knows.</summary>
    public static string NewestStep => Steps[^1].Name;

    private static readonly string[] Versions =
        [Script("1-event-log.sql"), Script("2-orleans-membership.sql"), Script("3-key-ring.sql")];

    private static readonly ExpandStep[] Steps =
    [
        new(
            "scoped-orders-and-epoch",
            Script("4-scoped-orders-and-epoch.sql"),
            "orders_name_organization",
            "CREATE UNIQUE INDEX CONCURRENTLY orders_name_organization ON orders (name, organization)"),
        new("key-access", Script("5-key-access.sql")),
        new("lighter-appends", Script("6-lighter-appends.sql")),
        new("shared-appends", Script("7-shared-appends.sql")),
    ];

    /// <summary>Migrates the schema if necessary, and returns the number of partitions and the epoch.</summary>
    /// <param name="connections">The database.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="onMigrate">Called with one line before an existing schema is changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StorageException">The database cannot be used, or is newer than this program.</exception>
    public static async Task<(int PartitionCount, string Epoch)> MigrateAsync(
        PostgresConnections connections,
        PostgresStorageOptions options,
        Action<string>? onMigrate,
        CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await connections.OpenAsync(cancellationToken);
            // Read before any lock or change: a role that may only use the schema must also be able to start.
            if (!await IsUpToDateAsync(connection, cancellationToken))
            {
                await MigrateAsync(connection, options.PartitionCount, onMigrate, cancellationToken);
            }

            return (await ScalarAsync<int>(connection, "SELECT count(*)::integer FROM partitions", cancellationToken),
                await ScalarAsync<string>(connection, "SELECT epoch FROM log_epoch", cancellationToken));
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw new StorageException(
                $"the database in ConnectionStrings:OrdersActors cannot be used: {PostgresErrors.Describe(e)}", e);
        }
    }

    private static async Task<bool> IsUpToDateAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await VersionAsync(connection, cancellationToken) == Versions.Length
        && (await MissingStepsAsync(connection, cancellationToken)).Length == 0;

    private static async Task MigrateAsync(
        NpgsqlConnection connection, int partitionCount, Action<string>? onMigrate, CancellationToken cancellationToken)
    {
        await LockAsync(connection, cancellationToken);
        var version = await VersionAsync(connection, cancellationToken);
        if (version > Versions.Length)
        {
            throw new StorageException(
                $"the database has schema {version}, this program knows up to {Versions.Length}: it was used by a " +
                "newer version");
        }

        if (version is not null && !await IsUpToDateAsync(connection, cancellationToken))
        {
            onMigrate?.Invoke(
                "the schema orders_actors in PostgreSQL is being migrated; running servers of the previous version " +
                "continue to work");
        }

        if (version != Versions.Length)
        {
            await ApplyVersionsAsync(connection, version, partitionCount, cancellationToken);
        }

        foreach (var step in await MissingStepsAsync(connection, cancellationToken))
        {
            await ApplyAsync(connection, step, cancellationToken);
        }

        await ExecuteAsync(connection, "SELECT pg_advisory_unlock(20289, 1)", cancellationToken);
    }

    /// <summary>
    /// Takes the migration lock. It polls instead of waiting in the database: building an index concurrently waits for
    /// every running statement, also for one that waits for this lock. That would be a deadlock.
    /// </summary>
    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        while (!await ScalarAsync<bool>(connection, "SELECT pg_try_advisory_lock(20289, 1)", cancellationToken))
        {
            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    private static async Task ApplyVersionsAsync(
        NpgsqlConnection connection, int? version, int partitionCount, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (version is null)
        {
            await CreateAsync(connection, cancellationToken);
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
    }

    /// <summary>
    /// Applies a step. First it builds the index, if there is one, which does not block appends. Then it runs the rest,
    /// which takes milliseconds as soon as it has its locks.
    /// </summary>
    private static async Task ApplyAsync(
        NpgsqlConnection connection, ExpandStep step, CancellationToken cancellationToken)
    {
        // An interrupted build leaves an invalid index.
        if (step.Index is not null && !await ScalarAsync<bool>(connection, $"""
            SELECT EXISTS (
                    SELECT FROM pg_index
                    WHERE indexrelid = to_regclass('{PostgresConnections.Schema}.{step.Index}') AND indisvalid)
            """, cancellationToken))
        {
            await ExecuteAsync(connection, $"DROP INDEX IF EXISTS {step.Index}", cancellationToken);
            await ExecuteAsync(connection, step.CreateIndex!, cancellationToken);
        }

        while (!await TryApplyAsync(connection, step, cancellationToken))
        {
            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    private static async Task<bool> TryApplyAsync(
        NpgsqlConnection connection, ExpandStep step, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, LockTimeout, cancellationToken);
            await ExecuteAsync(connection, step.Script, cancellationToken);
            await ExecuteAsync(connection, $"""
                INSERT INTO log_epoch (epoch) SELECT '{LogEpoch.New()}' WHERE NOT EXISTS (SELECT FROM log_epoch);
                CREATE TABLE IF NOT EXISTS schema_steps (
                    step text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
                INSERT INTO schema_steps (step) VALUES ('{step.Name}');
                """, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState
            is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            await transaction.RollbackAsync(cancellationToken);
            return false;
        }
    }

    /// <summary>
    /// Creates the schema, unless an operator created it for this role, and the table of its version.
    /// </summary>
    private static async Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // CREATE SCHEMA IF NOT EXISTS requires the right to create schemas even if the schema exists.
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

    /// <summary>The version of the schema; null if the schema does not exist yet.</summary>
    public static async Task<int?> VersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, "schema_version", cancellationToken)
            ? await ScalarAsync<int>(connection, "SELECT version FROM schema_version", cancellationToken)
            : null;

    private static async Task<ExpandStep[]> MissingStepsAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(connection, "schema_steps", cancellationToken))
        {
            return Steps;
        }

        var applied = await ScalarAsync<string[]>(
            connection, "SELECT coalesce(array_agg(step), '{}') FROM schema_steps", cancellationToken);
        return [.. Steps.Where(step => !applied.Contains(step.Name))];
    }

    private static Task<bool> ExistsAsync(
        NpgsqlConnection connection, string table, CancellationToken cancellationToken) => ScalarAsync<bool>(
        connection, $"SELECT to_regclass('{PostgresConnections.Schema}.{table}') IS NOT NULL", cancellationToken);

    private static string Script(string name)
    {
        using var reader = new StreamReader(typeof(PostgresSchema).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    [SuppressMessage(
        "Security", "CA2100", Justification = "Only the scripts, constants and numbers are executed here.")]
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.CommandTimeout = MigrationSeconds;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [SuppressMessage("Security", "CA2100", Justification = "Only constants are executed here.")]
    private static async Task<T> ScalarAsync<T>(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>An addition to the schema with which servers of the previous version still work.</summary>
    /// <param name="Name">Its name in <c>schema_steps</c>.</param>
    /// <param name="Script">Its statements, which run in one transaction.</param>
    /// <param name="Index">The index that must exist before the script runs; null for none.</param>
    /// <param name="CreateIndex">The statement that builds the index without blocking appends.</param>
    private sealed record ExpandStep(string Name, string Script, string? Index = null, string? CreateIndex = null);
}
