using Microsoft.Extensions.Logging;
using Npgsql;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Warns of anything that prevents PostgreSQL from removing old rows for a long time: an open transaction, a prepared
/// transaction that is never ended, or a replication slot that is never read. Each is reported once while it lasts.
/// </summary>
/// <remarks>
/// A role sees the transactions of other roles only if it has <c>pg_read_all_stats</c>. All roles see prepared
/// transactions and slots. PostgreSQL does not report since when a slot is unused, so the time counts from the first
/// check of this process that found it.
/// </remarks>
internal sealed partial class PostgresHorizon : IAsyncDisposable
{
    private const string Holders = """
        SELECT format(
                'a transaction of the role %s (application %s)',
                a.usename, coalesce(nullif(a.application_name, ''), 'unnamed')),
            extract(epoch FROM now() - a.xact_start)::float8
        FROM pg_stat_activity a
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start < now() - $1
            AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
        UNION ALL
        SELECT format('the prepared transaction %L of the role %s', p.gid, p.owner),
            extract(epoch FROM now() - p.prepared)::float8
        FROM pg_prepared_xacts p WHERE p.database = current_database() AND p.prepared < now() - $1
        UNION ALL
        SELECT format('the replication slot %s, which nobody reads', s.slot_name), NULL
        FROM pg_replication_slots s
        WHERE NOT s.active AND NOT s.temporary
            AND (s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL OR s.restart_lsn IS NOT NULL)
        """;

    // Deliberately rare. The default age is an hour, so a warning comes at most a sixth later, and the query reads all
    // sessions of the server. With a shorter age the warning comes with the next check.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private readonly PostgresConnections _connections;
    private readonly TimeSpan _age;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    // Only the loop uses it. Each cause: when it was first found, and whether it was reported.
    private readonly Dictionary<string, (DateTimeOffset Since, bool IsReported)> _causes = [];
    private readonly Task _run;

    public PostgresHorizon(PostgresConnections connections, TimeSpan age, TimeProvider time, ILogger logger)
    {
        _connections = connections;
        _age = age;
        _time = time;
        _logger = logger;
        _run = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
            {
                await CheckAsync();
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The log is being closed.
        }
    }

    private async Task CheckAsync()
    {
        try
        {
            await using var connection = await _connections.OpenAsync(_stopping.Token);
            Report(await ReadAsync(connection));
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            // Callers that need the database report the outage. The next check repeats the query.
            LogNotChecked(PostgresErrors.Describe(e));
        }
    }

    private async Task<List<(string Cause, double? Seconds)>> ReadAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Holders, connection)
        {
            Parameters = { Of(_age) },
        };
        await using var rows = await command.ExecuteReaderAsync(_stopping.Token);
        var holders = new List<(string, double?)>();
        while (await rows.ReadAsync(_stopping.Token))
        {
            holders.Add((rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetDouble(1)));
        }

        return holders;
    }

    private void Report(List<(string Cause, double? Seconds)> holders)
    {
        var now = _time.GetUtcNow();
        foreach (var ended in _causes.Keys.Except(holders.Select(holder => holder.Cause)).ToList())
        {
            _causes.Remove(ended);
        }

        foreach (var (cause, seconds) in holders)
        {
            var (since, isReported) = _causes.GetValueOrDefault(cause, (now, false));
            var age = seconds is { } known ? TimeSpan.FromSeconds(known) : now - since;
            if (!isReported && age >= _age)
            {
                LogHeld(cause, Math.Floor(age.TotalMinutes));
                isReported = true;
            }

            _causes[cause] = (since, isReported);
        }
    }

    [LoggerMessage(1061, LogLevel.Warning,
        "PostgreSQL has not been able to remove old rows for {Minutes} minutes, because of {What}. Until it ends, " +
        "tables grow and all queries become slower")]
    private partial void LogHeld(string what, double minutes);

    [LoggerMessage(1062, LogLevel.Debug, "The check for long transactions failed: {Reason}")]
    private partial void LogNotChecked(string reason);
}
