using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Keeps the bytes that wait for all clients together within their bound (<see cref="QueueBudget"/>): when it is
/// exceeded, the clients with the largest queues are disconnected. They are those that read most slowly, and they may
/// resume.
/// </summary>
/// <remarks>
/// A closed connection drops its queue at once, except for what is being written to a socket that takes nothing. Such a
/// connection is aborted if it still holds its bytes after <see cref="Grace"/>.
/// </remarks>
internal sealed partial class QueueGuard(
    ConnectionRegistry registry, FrontEndLimiters limiters, TimeProvider time, ILogger<QueueGuard> logger)
    : BackgroundService
{
    /// <summary>How long a closed connection may keep the bytes that are being written.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // Cutting once looks at all connections, so it must not happen all the time.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await limiters.Queues.WaitUntilExceededAsync(stoppingToken);
            CutLargest();
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    /// <summary>Disconnects the clients with the largest queues until the others are within the target.</summary>
    private void CutLargest()
    {
        var before = limiters.Queues.Bytes;
        var left = before;
        var cut = 0;
        foreach (var (connection, bytes) in registry.All
            .Select(connection => (Connection: connection, Bytes: QueueBudget.Counted(connection.QueuedBytes)))
            .Where(queue => queue.Bytes > 0).OrderByDescending(queue => queue.Bytes))
        {
            if (left <= limiters.Queues.Target)
            {
                break;
            }

            left -= bytes;
            if (!connection.IsClosing)
            {
                cut++;
                ConnectionMetrics.CountQueueCut();
                connection.Close(CloseReason.QueuesFull);
            }
            else if (time.GetElapsedTime(connection.ClosingAt) >= Grace)
            {
                connection.Abort();
            }
        }

        if (cut > 0)
        {
            LogCut(before, cut);
        }
    }

    [LoggerMessage(1345, LogLevel.Warning,
        "{Bytes} bytes wait for all clients together, more than MaxQueuedBytesInAll. Closed the {Count} connections " +
        "with the largest queues with 1013; their clients may resume")]
    private partial void LogCut(long bytes, int count);
}
