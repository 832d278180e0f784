using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrdersActors.Storage.EventLog;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Listens for the appends of all processes, on its own connection, and signals them inside this process.
/// </summary>
/// <remarks>
/// <code>
///   1 connect, LISTEN ──► 2 poll all partitions ──► 3 await a notification, or the next poll ──┐
///         ▲ lost: 4 delay               ▲──────────────────────────────────────────────────────┘
/// </code>
/// <list type="number">
/// <item>LISTEN starts before the first poll, so no append between the two is missed.</item>
/// <item>A poll finds events without a notification: events that were appended while the connection was lost, and
/// events of a process that died between its commit and its notification.</item>
/// <item>A poll also checks that the connection is alive: it fails if PostgreSQL does not answer in time.</item>
/// <item>A lost connection is logged once, and connecting is retried until it succeeds.</item>
/// </list>
/// </remarks>
internal sealed partial class PostgresListener : IAsyncDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    private readonly PostgresConnections _connections;
    private readonly PartitionSignal[] _signals;
    private readonly PostgresEpoch _epoch;
    private readonly TimeSpan _pollInterval;
    private readonly string? _clusterId;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _run;
    private readonly Outage _outage = new();

    // Only the loop uses these fields. DisposeAsync reads _first after the loop has ended.
    private readonly RetryBackoff _backoff = new(FirstDelay, LongestDelay);
    private NpgsqlConnection? _first;
    private string? _host;

    /// <param name="connections">The database.</param>
    /// <param name="first">
    /// The first connection, which already holds the cluster lock; null if there is no cluster. This class disposes it.
    /// </param>
    /// <param name="signals">One signal for each partition.</param>
    /// <param name="epoch">The epoch of the log.</param>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public PostgresListener(
        PostgresConnections connections, NpgsqlConnection? first, PartitionSignal[] signals, PostgresEpoch epoch,
        PostgresStorageOptions options, TimeProvider time, ILogger logger)
    {
        _connections = connections;
        _first = first;
        _clusterId = options.ClusterId;
        _signals = signals;
        _epoch = epoch;
        _pollInterval = options.PollInterval;
        _time = time;
        _logger = logger;
        _run = Task.Run(RunAsync);
    }

    /// <summary>Whether the last poll succeeded and no notification has been missed since.</summary>
    public bool IsListening { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        if (_first is not null)
        {
            await _first.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await ListenAsync();
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // 4.
                _connections.InvalidatePrimary();
                ReportLost(e);
                await _backoff.WaitAsync(_time, _stopping.Token);
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                // The listener is stopping, so any failure of the connection is expected.
            }
        }
    }

    private async Task ListenAsync()
    {
        // 1.
        await using var connection = await OpenAsync();
        connection.Notification += (_, notification) => OnNotification(notification.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {PostgresAppender.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(_stopping.Token);
        }

        await CompareTailsAsync(connection);
        while (true)
        {
            // 2.
            await PollAsync(connection);
            await _epoch.ResolveAsync(connection, _stopping.Token);
            ReportListening();
            // 3.
            using var nextPoll = new CancellationTokenSource(_pollInterval, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(nextPoll.Token, _stopping.Token);
            try
            {
                while (true)
                {
                    await connection.WaitAsync(either.Token);
                }
            }
            catch (OperationCanceledException) when (nextPoll.IsCancellationRequested)
            {
                _stopping.Token.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>
    /// Returns the first connection, which already holds the cluster lock, or a new one, which takes the lock again.
    /// </summary>
    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = Interlocked.Exchange(ref _first, null);
        var isLocked = connection is not null || _clusterId is null;
        connection ??= await _connections.OpenForListenAsync(_stopping.Token);
        try
        {
            if (!isLocked
                && await PostgresClusterLock.TakeAsync(connection, _clusterId!, _stopping.Token) is { } conflict)
            {
                LogOtherCluster(conflict);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        var host = $"{connection.Host}:{connection.Port}";
        if (_connections.HasSeveralHosts && host != _host)
        {
            LogPrimary(_host = host);
        }

        return connection;
    }

    private async Task PollAsync(NpgsqlConnection connection)
    {
        // Read before the poll is sent: see PostgresEpoch.
        var (known, epoch) = (Array.ConvertAll(_signals, signal => signal.Newest), _epoch.Current);
        await using var heads = new NpgsqlCommand(
            "SELECT p.partition, p.position, epoch, c.position FROM partitions p JOIN checkpoints c USING (partition), "
            + "log_epoch", connection)
        {
            CommandTimeout = _connections.PollTimeout,
        };
        await using var rows = await heads.ExecuteReaderAsync(_stopping.Token);
        while (await rows.ReadAsync(_stopping.Token))
        {
            var (partition, position) = (rows.GetInt32(0), rows.GetInt64(1));
            _epoch.Adopt(rows.GetString(2), epoch);
            if (position < known[partition])
            {
                _epoch.ReportRewritten(
                    epoch,
                    $"partition {partition} ends at position {position}, but {known[partition]} had been reached " +
                    "before");
            }

            _signals[partition].NotifyCommitted(position);
            _signals[partition].NotifyDelivered(rows.GetInt64(3));
        }
    }

    /// <summary>
    /// After a connection was lost, checks that the positions that this process knows still exist and hold the same
    /// events.
    /// </summary>
    /// <remarks>
    /// One statement reads both, so that they are of one snapshot. With two statements, a process that remembers no
    /// positions could append between them. The first statement would find lost positions missing, as if they were
    /// trimmed; the second would find an end that is already past them. The loss would then go unnoticed.
    /// </remarks>
    private async Task CompareTailsAsync(NpgsqlConnection connection)
    {
        var epoch = _epoch.Current;
        var known = _signals
            .SelectMany((signal, partition) => signal.Tail.Positions.Select(position => (partition, position)))
            .ToArray();
        if (known.Length == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            """
            SELECT given.partition, given.position, p.position, e.event_id
            FROM unnest($1, $2) given (partition, position) JOIN partitions p ON p.partition = given.partition
                LEFT JOIN events e ON e.partition = given.partition AND e.position = given.position
            """,
            connection)
        {
            CommandTimeout = _connections.PollTimeout,
            Parameters =
            {
                Of(Array.ConvertAll(known, place => place.partition)),
                Of(Array.ConvertAll(known, place => place.position)),
            },
        };
        await using var rows = await command.ExecuteReaderAsync(_stopping.Token);
        while (await rows.ReadAsync(_stopping.Token))
        {
            var (partition, position, newest) = (rows.GetInt32(0), rows.GetInt64(1), rows.GetInt64(2));
            if (newest < position)
            {
                _epoch.ReportRewritten(
                    epoch, $"partition {partition} ends at position {newest}, but {position} held an event before");
            }
            else if (!rows.IsDBNull(3) && _signals[partition].Tail.Contradicts(position, rows.GetString(3)))
            {
                _epoch.ReportRewritten(
                    epoch, $"position {position} of partition {partition} holds another event than before");
            }
        }
    }

    private void OnNotification(string payload)
    {
        // Untrusted: anyone who can connect to the database can send a notification, so it is only a hint.
        var culture = CultureInfo.InvariantCulture;
        var space = payload.IndexOf(' ', StringComparison.Ordinal);
        if (space > 0
            && int.TryParse(payload.AsSpan(0, space), NumberStyles.None, culture, out var partition)
            && partition < _signals.Length
            && long.TryParse(payload.AsSpan(space + 1), NumberStyles.None, culture, out var position))
        {
            _signals[partition].NotifyHint(position);
        }
    }

    private void ReportListening()
    {
        _backoff.Reset();
        IsListening = true;
        if (_outage.Succeed() is not null)
        {
            LogListening();
        }
    }

    private void ReportLost(Exception e)
    {
        IsListening = false;
        if (_outage.Fail())
        {
            LogLost(e, PostgresErrors.Describe(e));
        }
    }

    [LoggerMessage(1053, LogLevel.Warning,
        "Lost the LISTEN connection to PostgreSQL: {Reason}. Reconnecting; missed notifications are recovered by " +
        "polling")]
    private partial void LogLost(Exception exception, string reason);

    [LoggerMessage(1054, LogLevel.Information, "The LISTEN connection to PostgreSQL works again")]
    private partial void LogListening();

    [LoggerMessage(1059, LogLevel.Information, "The primary of PostgreSQL is {Host}")]
    private partial void LogPrimary(string host);

    [LoggerMessage(1060, LogLevel.Error,
        "Two clusters use one event log: {Refusal}. Stop one of them; until then events are delivered twice and " +
        "checkpoints are unreliable")]
    private partial void LogOtherCluster(string refusal);
}
