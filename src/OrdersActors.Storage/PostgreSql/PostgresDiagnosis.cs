using System.Globalization;
using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Examines a database for an operator. Unlike the check at the start of a server, it reports everything that is wrong
/// and not only the first fault.
/// </summary>
public static class PostgresDiagnosis
{
    /// <summary>The first version of PostgreSQL that is supported.</summary>
    internal const int LeastVersion = 15;

    private const string Setting = "correct ConnectionStrings:OrdersActors";

    // The clock of the log, which retention uses, if there is a log already.
    private const string Clock = "SELECT orders_actors.log_now()";
    private const string PlainClock = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    private const string HasClock = "SELECT to_regproc('orders_actors.log_now') IS NOT NULL";

    /// <summary>
    /// The difference of the clocks that is tolerated. Signatures are valid for 300 s before and after their time, so a
    /// larger difference points to a clock that is not synchronized.
    /// </summary>
    internal static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(10);

    /// <summary>Runs all checks. Changes nothing.</summary>
    /// <param name="options">The database, and the cluster that is to use it.</param>
    /// <param name="time">The clock of this machine.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IReadOnlyList<StorageFinding>> RunAsync(
        PostgresStorageOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var findings = new List<StorageFinding>();
        try
        {
            await using var connections = PostgresConnections.ForKeys(options, time);
            await using var connection = await connections.OpenAsync(cancellationToken);
            findings.Add(new StorageFinding("connection", $"connected to {connection.Host}:{connection.Port}"));
            await using var other = await connections.OpenAsync(cancellationToken);
            if (await FindPoolerAsync(connection, other, cancellationToken) is { } pooler)
            {
                // Without a session, the other queries could fail or answer for another database.
                findings.Add(pooler);
                return findings;
            }

            var state = await PostgresState.ReadAsync(connection, cancellationToken);
            findings.AddRange(state.Findings());
            var rights = await FindRightsAsync(connection, cancellationToken);
            findings.Add(rights);
            if (rights.Fix is not null)
            {
                // The other queries would fail for the same reason.
                return findings;
            }

            findings.Add(await FindSchemaAsync(connection, cancellationToken));
            findings.Add(await FindClusterAsync(connection, options.ClusterId, cancellationToken));
            findings.Add(await CompareClocksAsync(connection, time, cancellationToken));
        }
        catch (StorageException e)
        {
            findings.Add(new StorageFinding("connection", e.Message, Setting));
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            findings.Add(new StorageFinding(
                "connection", PostgresErrors.Describe(e),
                "start PostgreSQL, open the network to it, create the database or the role, or " + Setting));
        }

        return findings;
    }

    private static async Task<StorageFinding?> FindPoolerAsync(
        NpgsqlConnection one, NpgsqlConnection other, CancellationToken cancellationToken)
    {
        const string fix = "set pool_mode = session in the pooler, or connect to PostgreSQL directly";
        try
        {
            return await PostgresStartCheck.IsPooledAsync(one, other, cancellationToken)
                ? new StorageFinding("pooler", PostgresStartCheck.Pooler, fix)
                : null;
        }
        catch (PostgresException e) when (PostgresStartCheck.IsForeignSession(e))
        {
            return new StorageFinding("pooler", PostgresStartCheck.Pooler, fix);
        }
    }

    private static async Task<StorageFinding> FindRightsAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await PostgresRights.FindMissingAsync(connection, cancellationToken) is { } missing
            ? new("rights", missing, "grant the right, as src/OrdersActors.Storage/PostgreSql/README.md describes")
            : new("rights", "the role has all rights");

    private static async Task<StorageFinding> FindSchemaAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await PostgresSchema.VersionAsync(connection, cancellationToken) switch
        {
            null => new("schema", "there are no tables yet; the first server creates them"),
            { } newer when newer > PostgresSchema.NewestVersion => new(
                "schema", $"the database has schema {newer}, this program knows up to {PostgresSchema.NewestVersion}",
                "use the newer version of the server, which has migrated the database"),
            var version => new("schema", $"the database has schema {version}"),
        };

    private static async Task<StorageFinding> FindClusterAsync(
        NpgsqlConnection connection, string? clusterId, CancellationToken cancellationToken) =>
        clusterId is not null
            && await PostgresClusterLock.FindOtherAsync(connection, clusterId, cancellationToken) is { } other
            ? new(
                "cluster", $"the database is in use by silos of {other}, and the cluster is '{clusterId}' here",
                "use the same OrdersActors:ClusterId on all silos, or another database")
            : new("cluster", "no other cluster uses the database");

    private static async Task<StorageFinding> CompareClocksAsync(
        NpgsqlConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var has = new NpgsqlCommand(HasClock, connection);
        var hasClock = (bool)(await has.ExecuteScalarAsync(cancellationToken))!;
        // Two constants.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(hasClock ? Clock : PlainClock, connection);
#pragma warning restore CA2100
        var before = time.GetUtcNow();
        var there = DateTimeOffset.FromUnixTimeMilliseconds(
            (long)(await command.ExecuteScalarAsync(cancellationToken))!);
        var after = time.GetUtcNow();
        // The database has read its clock between the two moments.
        var ahead = there > after ? there - after : there < before ? there - before : TimeSpan.Zero;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"the clock of PostgreSQL is {ahead.Duration().TotalSeconds:0.0} s "
            + $"{(ahead < TimeSpan.Zero ? "behind" : "ahead of")} this machine's");
        return ahead.Duration() > ClockTolerance
            ? new("clock", text, "synchronize the clocks of both machines with NTP")
            : new("clock", text);
    }
}
