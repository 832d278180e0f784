using Microsoft.Extensions.Logging;
using Npgsql;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The epoch of the log as this process knows it, and how the process notices that history was rewritten: a standby that lagged behind was
/// promoted, or a backup was restored, while the silos went on.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>A poll of the partitions finds a position that is lower than what this process knew before it sent the poll.</item>
/// <item>An append is stored at a position that this process knew to be taken before it sent the append.</item>
/// <item>A checkpoint is ahead of its partition.</item>
/// <item>After the listener's connection was lost, a position that this process has read or appended holds another event
/// (<see cref="PartitionTail"/>). Without it, new events could pass the old end of the log before anybody compares.</item>
/// </list>
/// <para>Whoever notices calls <see cref="Suspect"/>. The listener, which polls every second, begins the new epoch, by compare-and-swap in
/// the database, and tries again until that succeeds. All other processes learn of it with their next poll.</para>
/// <para>Known numbers are always read before the request is sent whose answer is compared with them; otherwise an answer that was under
/// way while another thread learned of newer events would look like a log that went back.</para>
/// Thread-safe.
/// </remarks>
internal sealed partial class PostgresEpoch(string first, PartitionSignal[] signals, ILogger logger)
{
    private readonly Lock _lock = new();
    private volatile string _current = first;
    private (string Epoch, string Reason)? _suspicion;

    /// <summary>What this process knows.</summary>
    public string Current => _current;

    /// <summary>This process has seen, in an epoch, that history was rewritten. Does nothing if the epoch has ended already.</summary>
    public void Suspect(string epoch, string reason)
    {
        lock (_lock)
        {
            _suspicion ??= epoch == _current ? (epoch, reason) : null;
        }
    }

    /// <summary>Begins a new epoch if there is a suspicion. For the listener.</summary>
    public async Task ResolveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        (string Epoch, string Reason)? suspicion;
        lock (_lock)
        {
            suspicion = _suspicion;
        }

        if (suspicion is { } seen)
        {
            await BeginAsync(connection, seen.Epoch, seen.Reason, cancellationToken);
        }
    }

    /// <summary>Ends an epoch, unless it has ended already, and returns the log's epoch.</summary>
    public async Task<string> BeginAsync(
        NpgsqlConnection connection, string ended, string reason, CancellationToken cancellationToken)
    {
        var next = LogEpoch.New();
        await using var command = new NpgsqlCommand("SELECT begin_epoch($1, $2)", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = ended }, new NpgsqlParameter<string> { TypedValue = next } },
        };
        var epoch = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (epoch == next)
        {
            OrderMetrics.CountEpochBegun();
            LogBegun(next, ended, reason);
        }

        Learn(epoch);
        return epoch;
    }

    /// <summary>The log has this epoch.</summary>
    public void Learn(string epoch)
    {
        lock (_lock)
        {
            if (epoch == _current)
            {
                return;
            }

            LogLearned(epoch, _current);
            _current = epoch;
            _suspicion = null;
            foreach (var signal in signals)
            {
                signal.Reset();
            }
        }
    }

    [LoggerMessage(1055, LogLevel.Error,
        "The history of the event log was rewritten: {Reason}. Epoch {Epoch} begins and {Ended} ends: clients are notified and read again what is retained")]
    private partial void LogBegun(string epoch, string ended, string reason);

    [LoggerMessage(1056, LogLevel.Warning, "The event log has epoch {Epoch}, epoch {Ended} has ended; numbers of it are discarded")]
    private partial void LogLearned(string epoch, string ended);
}
