using System.Collections.Concurrent;
using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The hosts of a connection string, and which of them is the primary. All connections of the process to the same hosts
/// share one instance, so a failover that one connection notices is known to all.
/// </summary>
/// <remarks>
/// <code>
///   unknown ──► 1 query all hosts at once ──► 2 one is the primary: known ──► 3 a connection fails: invalidated ──┐
///      ▲                └── none: NoPrimaryException; the next caller queries again                               │
///      └──────────────────────────────────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// <list type="number">
/// <item>If another host is the primary, an unresponsive host costs at most <see cref="Grace"/>. If no host is, it
/// costs one <see cref="PostgresStorageOptions.ConnectTimeout"/> for the connection and one for the query.</item>
/// <item>If several hosts are primaries, the one with the newest timeline is used. A primary with an older timeline
/// than this process has seen is never used: a promotion left it behind, and its new commits will be lost.</item>
/// <item>The primary is invalidated if a connect fails, a connection breaks, or a command takes too long.</item>
/// </list>
/// With one host there is no choice, and no host is queried. Thread-safe.
/// </remarks>
internal sealed class PostgresHosts
{
    // pg_walfile_name begins with the timeline, eight hexadecimal digits. A standby cannot call it.
    private const string RoleQuery = """
        SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN 0
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END
        """;

    // How long the query waits for the other hosts after one has answered that it is the primary. A primary that was
    // left behind gives the same answer.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);

    // How long the answer "no primary" is reused. Otherwise hundreds of callers per second would query hosts that
    // refuse immediately.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private static readonly ConcurrentDictionary<string, PostgresHosts> Shared = new();

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly string[] _names;
    private readonly NpgsqlDataSource[] _sources;
    private readonly Task<Answer>?[] _hostQueries;

    // Read without the lock by every caller that opens or creates a connection.
    private volatile int _primary;
    private volatile int _lastPrimary;

    // Under the lock. Only one query runs at a time.
    private Task<int>? _query;

    // Only the running query uses these and _hostQueries. They need no fence: the next query starts after a caller has
    // seen, under the lock, that the task of the previous one is completed. Callers read _failed after the same check.
    private int _timeline;
    private long _failed;

    private PostgresHosts(NpgsqlConnectionStringBuilder settings, TimeProvider time)
    {
        _time = time;
        var hosts = PostgresSettings.ForEachHost(settings);
        _names = [.. hosts.Select(NameOf)];
        _primary = hosts.Count > 1 ? -1 : 0;
        _sources = hosts.Count > 1 ? [.. hosts.Select(Build)] : [];
        _hostQueries = new Task<Answer>?[_sources.Length];
    }

    /// <summary>Whether there is more than one host.</summary>
    public bool HasSeveral => _names.Length > 1;

    /// <summary>The index of the last used primary, or of the first host.</summary>
    public int LastPrimary => _lastPrimary;

    /// <summary>The instance for the hosts of a connection string.</summary>
    public static PostgresHosts Of(NpgsqlConnectionStringBuilder settings, TimeProvider time) =>
        PostgresSettings.ForEachHost(settings).Count > 1
            // A shared instance lives as long as the process, because its choice of the primary must be kept.
            ? Shared.GetOrAdd(settings.ConnectionString, _ => new PostgresHosts(settings, time))
            : new PostgresHosts(settings, time);

    /// <summary>The name of a host in messages.</summary>
    public static string NameOf(NpgsqlConnectionStringBuilder single) => $"{single.Host}:{single.Port}";

    /// <summary>The index of the primary in the list of hosts. Queries the hosts if the primary is not known.</summary>
    /// <exception cref="NoPrimaryException">None of the hosts is a usable primary.</exception>
    public async ValueTask<int> PrimaryAsync(CancellationToken cancellationToken)
    {
        if (_primary is >= 0 and var primary)
        {
            return primary;
        }

        Task<int> query;
        lock (_lock)
        {
            // Callers that arrive during a query, or shortly after a failed one, get the same answer.
            query = _query is { } last
                && (!last.IsCompleted || (last.IsFaulted && _time.GetElapsedTime(_failed) < RetryDelay))
                ? last
                : _query = Task.Run(QueryAsync, CancellationToken.None);
        }

        return await query.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Reports that a connection to the primary failed. The hosts are queried again before the next connection.
    /// </summary>
    public void Invalidate()
    {
        if (HasSeveral)
        {
            _primary = -1;
        }
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder host) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(host.ConnectionString)
        {
            Pooling = false,
            CommandTimeout = host.Timeout,
            ApplicationName = $"{host.ApplicationName} hosts",
        });

    private async Task<int> QueryAsync()
    {
        try
        {
            using var grace = new CancellationTokenSource();
            var queries = _sources.Select((_, host) => QueryHostAsync(host, grace.Token)).ToList();
            await foreach (var query in Task.WhenEach(queries))
            {
                if ((await query).Timeline > 0)
                {
                    grace.CancelAfter(Grace);
                }
            }

            return Choose(await Task.WhenAll(queries));
        }
        catch
        {
            _failed = _time.GetTimestamp();
            throw;
        }
    }

    private int Choose(Answer[] answers)
    {
        var best = answers
            .Where(answer => answer.Timeline > 0)
            .OrderByDescending(answer => answer.Timeline)
            .ThenByDescending(answer => answer.Host == _lastPrimary)
            .FirstOrDefault();
        if (best is null || best.Timeline < _timeline)
        {
            throw new NoPrimaryException(
                "no host is a primary that can be used: " + string.Join(", ", answers.Select(answer =>
                    $"{_names[answer.Host]} " + (answer.Timeline > 0
                        ? $"was left behind on timeline {answer.Timeline} when another host was promoted to {_timeline}"
                        : answer.State))));
        }

        _timeline = best.Timeline;
        _lastPrimary = best.Host;
        return _primary = best.Host;
    }

    /// <summary>
    /// A host's answer, or "does not answer" if the grace period ends first. Npgsql cannot abort a connect
    /// at once. A connect that is still in progress is not repeated, so an unresponsive host is queried once per
    /// timeout.
    /// </summary>
    private async Task<Answer> QueryHostAsync(int host, CancellationToken grace)
    {
        var query = _hostQueries[host] is { IsCompleted: false } running
            ? running
            : _hostQueries[host] = QueryHostAsync(host);
        try
        {
            return await query.WaitAsync(grace);
        }
        catch (OperationCanceledException)
        {
            return new Answer(host, 0, "does not answer");
        }
    }

    private async Task<Answer> QueryHostAsync(int host)
    {
        try
        {
            await using var connection = await _sources[host].OpenConnectionAsync();
            await using var command = new NpgsqlCommand(RoleQuery, connection);
            await using var rows = await command.ExecuteReaderAsync();
            await rows.ReadAsync();
            return rows.GetBoolean(0)
                ? new Answer(host, 0, "is a standby")
                : new Answer(host, rows.GetInt32(1), "is a primary");
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            return new Answer(host, 0, $"cannot be used ({PostgresErrors.Describe(e)})");
        }
    }

    /// <summary>A host's answer; the timeline is 0 if the host is not a primary.</summary>
    private sealed record Answer(int Host, int Timeline, string State);
}
