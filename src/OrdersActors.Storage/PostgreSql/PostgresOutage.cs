using Microsoft.Extensions.Logging;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Logs once per reason that appends fail, and once that they succeed again, however many partitions are affected.
/// Shared by all writers.
/// </summary>
internal sealed partial class PostgresOutage(ILogger logger)
{
    private readonly Outage _outage = new();

    public void Fail(int partition, Exception exception, string reason, int appends)
    {
        if (_outage.Fail(reason, appends, partition))
        {
            LogFailed(exception, appends, reason);
        }
    }

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
