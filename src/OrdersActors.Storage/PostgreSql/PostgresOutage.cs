using Microsoft.Extensions.Logging;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Logs once per reason that appends fail, and once that they succeed again, however many partitions are affected.
/// Shared by all transactions.
/// </summary>
internal sealed partial class PostgresOutage(ILogger logger)
{
    private readonly Outage _outage = new();

    /// <summary>Records that the appends of a transaction failed.</summary>
    /// <param name="partitions">The partitions of the transaction.</param>
    /// <param name="exception">The failure.</param>
    /// <param name="reason">The failure in words.</param>
    /// <param name="appends">The number of appends that failed.</param>
    public void Fail(IEnumerable<int> partitions, Exception exception, string reason, int appends)
    {
        var isNew = false;
        var failures = appends;
        foreach (var partition in partitions)
        {
            isNew |= _outage.Fail(reason, failures, partition);
            failures = 0;
        }

        if (isNew)
        {
            LogFailed(exception, appends, reason);
        }
    }

    /// <summary>Records that a partition's appends are stored.</summary>
    public void Succeed(int partition)
    {
        if (_outage.Succeed(partition) is { } failed)
        {
            LogAgain(failed);
        }
    }

    [LoggerMessage(1051, LogLevel.Error,
        "{Count} appends to the event log failed: {Reason}. Their callers are notified; new appends are tried until " +
        "one succeeds")]
    private partial void LogFailed(Exception exception, int count, string reason);

    [LoggerMessage(1052, LogLevel.Information, "The event log accepts appends again, after {Count} failed appends")]
    private partial void LogAgain(long count);
}
