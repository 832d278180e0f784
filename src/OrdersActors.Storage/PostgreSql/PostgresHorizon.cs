using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Warns of whatever keeps PostgreSQL from removing old rows for long: a transaction that is left open, a prepared transaction that nobody
/// ends, a replication slot that nobody reads. Each is named once while it lasts.
/// </summary>
/// <remarks>
/// A role sees the transactions of other roles only if it has <c>pg_read_all_stats</c>; prepared transactions and slots are seen by all.
/// A slot does not say since when it is unused, so that is counted from when this process saw it first.
/// </remarks>
internal sealed partial class PostgresHorizon : IAsyncDisposable
{
    private const string Holders = """
        SELECT format('a transaction of the role %s (application %s)', a.usename, coalesce(nullif(a.application_name, ''), 'unnamed')),
            extract(epoch FROM now() - a.xact_start)::float8
        FROM pg_stat_activity a
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start < now() - $1
            AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
        UNION ALL
        SELECT format('the prepared transaction %L of the role %s', p.gid, p.owner), extract(epoch FROM now() - p.prepared)::float8
        FROM pg_prepared_xacts p WHERE p.database = current_database() AND p.prepared < now() - $1
        UNION ALL
        SELECT format('the replication slot %s, which nobody reads', s.slot_name), NULL
        FROM pg_replication_slots s
        WHERE NOT s.active AND NOT s.temporary AND (s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL OR s.restart_lsn IS NOT NULL)
        """;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    private readonly PostgresConnections _connections;
    private readonly TimeSpan _age;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, (DateTimeOffset Since, bool IsNamed)> _seen = [];
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
        using var timer = new PeriodicTimer(Every, _time);
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
            // The log is closed.
        }
    }

    private async Task CheckAsync()
    {
        try
        {
            await using var connection = await _connections.OpenAsync(_stopping.Token);
            Note(await ReadAsync(connection));
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            // An outage is reported by whoever needs the database; the next check finds what there is to find.
            LogNotChecked(PostgresErrors.Describe(e));
        }
    }

    private async Task<List<(string What, double? Seconds)>> ReadAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Holders, connection)
        {
            Parameters = { new NpgsqlParameter<TimeSpan> { TypedValue = _age } },
        };
        await using var rows = await command.ExecuteReaderAsync(_stopping.Token);
        var holders = new List<(string, double?)>();
        while (await rows.ReadAsync(_stopping.Token))
        {
            holders.Add((rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetDouble(1)));
        }

        return holders;
    }

    private void Note(List<(string What, double? Seconds)> holders)
    {
        var now = _time.GetUtcNow();
        foreach (var gone in _seen.Keys.Except(holders.Select(holder => holder.What)).ToList())
        {
            _seen.Remove(gone);
        }

        foreach (var (what, seconds) in holders)
        {
            var (since, isNamed) = _seen.GetValueOrDefault(what, (now, false));
            var age = seconds is { } known ? TimeSpan.FromSeconds(known) : now - since;
            if (!isNamed && age >= _age)
            {
                LogHeld(what, Math.Floor(age.TotalMinutes));
                isNamed = true;
            }

            _seen[what] = (since, isNamed);
        }
    }

    [LoggerMessage(1061, LogLevel.Warning,
        "PostgreSQL cannot remove old rows, because of {What}, for {Minutes} minutes now: tables grow and everything becomes slower until it ends")]
    private partial void LogHeld(string what, double minutes);

    [LoggerMessage(1062, LogLevel.Debug, "Long transactions were not looked for: {Reason}")]
    private partial void LogNotChecked(string reason);
}
