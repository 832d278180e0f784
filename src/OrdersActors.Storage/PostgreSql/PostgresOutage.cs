using Microsoft.Extensions.Logging;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Logs once per reason that appends fail, and once that they succeed again, however many partitions are affected.
/// During an outage every append would log the same message. Shared by all writers.
/// </summary>
internal sealed partial class PostgresOutage(ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _failing = [];
    private readonly HashSet<string> _reasons = [];
    private long _failed;

    public void Failed(int partition, Exception exception, string reason, int appends)
    {
        lock (_lock)
        {
            _failing.Add(partition);
            _failed += appends;
            if (!_reasons.Add(reason))
            {
                return;
            }
        }

        LogFailed(exception, appends, reason);
    }

    public void Succeeded(int partition)
    {
        long failed;
        lock (_lock)
        {
            if (!_failing.Remove(partition) || _failing.Count > 0)
            {
                return;
            }

            failed = _failed;
            _failed = 0;
            _reasons.Clear();
        }

        LogAgain(failed);
    }

    [LoggerMessage(1051, LogLevel.Error,
        "{Count} appends to the event log failed: {Reason}. Their callers are notified; new appends are tried until " +
        "one succeeds")]
    private partial void LogFailed(Exception exception, int count, string reason);

    [LoggerMessage(1052, LogLevel.Information, "The event log accepts appends again, after {Count} failed appends")]
    private partial void LogAgain(long count);
}
