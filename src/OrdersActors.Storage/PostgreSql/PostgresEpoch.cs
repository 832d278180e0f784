using Microsoft.Extensions.Logging;
using Npgsql;
using OrdersActors.Storage.EventLog;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The epoch of the log from this process's point of view. Detects that the log's history was rewritten while silos
/// were running: a standby that lagged behind was promoted, or a backup was restored.
/// </summary>
/// <remarks>
/// <para>The history was rewritten in each of these cases:</para>
/// <list type="number">
/// <item>A poll of the partitions finds a position that is lower than this process knew before it sent the poll.</item>
/// <item>An append is stored at a position that this process knew to be used before it sent the append.</item>
/// <item>A checkpoint is ahead of its partition.</item>
/// <item>After the listener's connection was lost, a position that this process has read or appended holds another
/// event (<see cref="PartitionTail"/>). Without this check, new events could pass the old end of the log before any
/// process compares the positions.</item>
/// <item>The log has an epoch again that this process knows to be ended: the lost commits included the one that began
/// the next epoch. Clients that were told of the next epoch and clients that were not would otherwise continue with
/// numbers of two different histories under one epoch.</item>
/// </list>
/// <para>A component that detects a case calls <see cref="ReportRewritten"/>. The listener, which polls every second,
/// begins the new epoch by compare-and-swap in the database and retries until that succeeds. All other processes learn
/// of the epoch with their next poll.</para>
/// <para>Known positions and the known epoch must always be read before the request whose answer is compared with them.
/// In the other order, another thread could learn of newer events, or of a new epoch, while an older answer is on its
/// way. The answer would then look like a log that has lost events, or lead back to the ended epoch.</para>
/// <para>Thread-safe. <b>Lock order of the storage:</b> this class's lock is the only one under which another lock is
/// taken: that of a <see cref="PartitionSignal"/>, and after it is released that of its <see cref="PartitionTail"/>.
/// All other locks protect a few fields, and no code under them takes a lock. <see cref="Retention.RetentionClock"/> is
/// the only class that runs a query under its lock.</para>
/// </remarks>
internal sealed partial class PostgresEpoch(string first, PartitionSignal[] signals, ILogger logger)
{
    // Each of them is a restored database, so a process hardly ever sees two.
    private const int MaxEnded = 100;

    private readonly Lock _lock = new();
    // The epochs that this process knows to be ended, the newest last.
    private readonly Queue<string> _ended = new();
    private volatile string _current = first;
    private (string Epoch, string Reason)? _suspicion;

    /// <summary>The epoch that this process knows.</summary>
    public string Current => _current;

    /// <summary>
    /// Reports that this process has seen, in the given epoch, that history was rewritten. Does nothing if that epoch
    /// has already ended.
    /// </summary>
    public void ReportRewritten(string epoch, string reason)
    {
        lock (_lock)
        {
            _suspicion ??= epoch == _current ? (epoch, reason) : null;
        }
    }

    /// <summary>Begins a new epoch if there is a suspicion. Called by the listener.</summary>
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

    /// <summary>Ends an epoch, unless it has already ended, and returns the log's epoch.</summary>
    public async Task<string> BeginAsync(
        NpgsqlConnection connection, string ended, string reason, CancellationToken cancellationToken)
    {
        var known = _current;
        var next = LogEpoch.New();
        await using var command = new NpgsqlCommand("SELECT begin_epoch($1, $2)", connection)
        {
            Parameters =
            {
                Of(ended),
                Of(next),
            },
        };
        var epoch = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (epoch == next)
        {
            OrderMetrics.CountEpochBegun();
            LogBegun(next, ended, reason);
        }

        Adopt(epoch, known);
        return epoch;
    }

    /// <summary>
    /// Takes over the log's epoch, unless this process has learned of another one since it asked. Then the answer may
    /// be older, and the next poll shows which one the log has. If the epoch is new, all known positions are forgotten.
    /// If it had ended before, it is suspected at once.
    /// </summary>
    /// <param name="epoch">The answer of the log.</param>
    /// <param name="known">The epoch that this process knew before it sent the question.</param>
    public void Adopt(string epoch, string known)
    {
        string ended;
        lock (_lock)
        {
            if (epoch == _current || known != _current)
            {
                return;
            }

            ended = _current;
            _current = epoch;
            _suspicion = _ended.Contains(epoch)
                ? (epoch, $"the log has epoch {epoch} again, which had ended before")
                : null;
            _ended.Enqueue(ended);
            if (_ended.Count > MaxEnded)
            {
                _ended.Dequeue();
            }

            foreach (var signal in signals)
            {
                signal.Reset();
            }
        }

        LogLearned(epoch, ended);
    }

    [LoggerMessage(1055, LogLevel.Error,
        "The history of the event log was rewritten: {Reason}. Epoch {Epoch} begins and {Ended} ends: clients are " +
        "notified and read all retained events again")]
    private partial void LogBegun(string epoch, string ended, string reason);

    [LoggerMessage(1056, LogLevel.Warning,
        "The event log has epoch {Epoch}, and epoch {Ended} has ended. Numbers of the ended epoch are discarded")]
    private partial void LogLearned(string epoch, string ended);
}
